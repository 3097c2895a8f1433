#include "registry/model.hpp"

namespace amltrain {
namespace {

constexpr std::string_view kSchema = "amltrain.model/1";

}  // namespace

void to_json(json& out, const ModelVersion& model) {
  out = {{"schema", kSchema},
         {"name", model.name},
         {"version", model.version},
         {"run", model.run},
         {"experiment", model.experiment},
         {"tags", model.tags},
         {"files", model.files},
         {"created_at", to_iso8601(model.created_at)},
         {"labels", model.labels},
         {"metrics", model.metrics},
         {"data", nullptr}};
  if (model.data) out["data"] = *model.data;
}

ModelVersion parse_model_version(const json& in) {
  require_schema(in, kSchema, "model document");
  ModelVersion model;
  model.name = field<std::string>(in, "name");
  model.version = field<int>(in, "version");
  model.run = field<std::string>(in, "run");
  model.experiment = field<std::string>(in, "experiment");
  model.tags = field<std::map<std::string, std::string>>(in, "tags");
  for (const json& file : field<json>(in, "files")) model.files.push_back(parse_hashed_file(file));
  model.created_at = parse_iso8601(field<std::string>(in, "created_at"));
  model.labels = field<std::vector<std::string>>(in, "labels");
  model.metrics = field<json>(in, "metrics");
  if (const json data = field_or<json>(in, "data", nullptr); !data.is_null())
    model.data = parse_data_reference(data);
  return model;
}

}  // namespace amltrain
