#include "dataset/dataset.hpp"

#include <algorithm>

#include "dataset/store.hpp"
#include "support/error.hpp"
#include "support/sealed.hpp"

namespace amltrain {
namespace {

constexpr std::string_view kSchema = "amltrain.data/1";

}  // namespace

void to_json(json& out, const DataSet& data) {
  out = {{"schema", kSchema},
         {"name", data.name},
         {"source", data.source},
         {"sha256", data.sha256},
         {"fingerprint", data.fingerprint},
         {"manifest_sha256", data.manifest_sha256},
         {"folder", data.folder.string()},
         {"created_at", to_iso8601(data.created_at)},
         {"summary", data.summary},
         {"unreadable", json::array()}};
  for (const UnreadableFile& file : data.unreadable)
    out["unreadable"].push_back({{"path", file.path}, {"problem", file.problem}});
}

DataSet parse_data_set(const json& in) {
  require_schema(in, kSchema, "data document");
  DataSet data;
  data.name = field<std::string>(in, "name");
  data.source = field<std::string>(in, "source");
  data.sha256 = field<std::string>(in, "sha256");
  data.fingerprint = field<std::string>(in, "fingerprint");
  data.manifest_sha256 = field_or<std::string>(in, "manifest_sha256", "");
  data.folder = field<std::string>(in, "folder");
  data.created_at = parse_iso8601(field<std::string>(in, "created_at"));
  data.summary = field<json>(in, "summary");
  for (const json& file : field<json>(in, "unreadable"))
    data.unreadable.push_back({field<std::string>(file, "path"), field<std::string>(file, "problem")});
  return data;
}

void store_document(const std::filesystem::path& folder, DataSet data) {
  data.folder = data.folder.lexically_relative(folder);
  publish_file(folder / kDataDocument, sealed_text(data));
}

DataSet read_data(const Workspace& workspace, const std::string& name) {
  const auto known = workspace.data();
  if (std::find(known.begin(), known.end(), name) == known.end())
    throw_unknown("data", name, known, workspace,
                  "bring it in with: amltrain data fetch URL|FILE --name " + name);
  const auto folder = workspace.data_folder(name);
  DataSet data = parse_data_set(read_document(folder / kDataDocument, kSchema));
  data.folder = (folder / data.folder).lexically_normal();
  return data;
}

std::vector<DataSet> list_data(const Workspace& workspace) {
  std::vector<DataSet> all;
  for (const std::string& name : workspace.data()) all.push_back(read_data(workspace, name));
  return all;
}

}  // namespace amltrain
