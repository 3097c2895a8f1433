#include "engine/exchange/onnx_writer.hpp"

#include <limits>

#include "engine/exchange/match.hpp"
#include "engine/exchange/onnx_fields.hpp"
#include "engine/exchange/onnx_graph.hpp"
#include "support/error.hpp"
#include "support/json.hpp"

namespace amltrain::engine {
namespace {

void add_property(ProtoMessage& model, std::string_view key, std::string_view value) {
  ProtoMessage property;
  property.text(onnx::entry::key, key).text(onnx::entry::value, value);
  model.message(onnx::model::metadata_props, std::move(property));
}

std::string labels_json(const std::vector<std::string>& labels) {
  try {
    return json(labels).dump();
  } catch (const json::exception&) {
    throw Error(category::bad_input, "a class name is not UTF-8, so it can't be written to ONNX",
                "rename the class's folder");
  }
}

void add_metadata(ProtoMessage& model, const OnnxMetadata& metadata, const ResNetSpec& spec) {
  add_property(model, "arch", spec.name);
  if (!metadata.labels.empty()) add_property(model, "labels", labels_json(metadata.labels));
  add_property(model, "image_size", std::to_string(metadata.image_size));
  add_property(model, "resize_size", std::to_string(metadata.resize_size));
  add_property(model, "mean", json(metadata.mean).dump());
  add_property(model, "std", json(metadata.std).dump());
}

}  // namespace

void write_onnx(const std::filesystem::path& file, const StateDict& state, const ResNetSpec& spec,
                const OnnxMetadata& metadata, bool fold_batch_norm, AtomicFile::existing policy) {
  const at::Tensor* head = state.find("fc.bias");
  const std::int64_t classes = head && head->dim() == 1 ? head->size(0) : 0;
  check_matches(state, spec, classes, "the model for " + file.string());
  if (!metadata.labels.empty() && metadata.labels.size() != static_cast<std::size_t>(classes))
    throw Error(category::bad_input, "the model has " + std::to_string(classes) + " classes but there are " +
                                         std::to_string(metadata.labels.size()) + " labels");

  OnnxGraph graph = build_onnx_graph(state, spec, metadata.image_size, fold_batch_norm);
  ProtoMessage opset, model;
  opset.text(onnx::opset::domain, "").integer(onnx::opset::version, onnx_opset);
  model.integer(onnx::model::ir_version, onnx_ir_version);
  model.text(onnx::model::producer_name, "amltrain");
  model.message(onnx::model::graph, std::move(graph.message));
  model.message(onnx::model::opset_import, std::move(opset));
  add_metadata(model, metadata, spec);
  if (model.size() > std::numeric_limits<std::int32_t>::max())
    throw Error(category::bad_input, "the model is too large for one ONNX file (2 GiB)");
  AtomicFile out(file, policy);
  model.write(out);
  out.commit();
}

}  // namespace amltrain::engine
