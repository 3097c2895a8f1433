#include <cstring>

#include "engine/exchange/input_file.hpp"
#include "engine/exchange/onnx_fields.hpp"
#include "engine/exchange/onnx_model.hpp"
#include "engine/exchange/proto_reader.hpp"
#include "engine/exchange/refuse.hpp"
#include "engine/exchange/tensor_bytes.hpp"

namespace amltrain::engine {

class OnnxParser {
 public:
  OnnxParser(const std::string& origin) { model_.name_ = origin; }

  OnnxModel parse(std::string_view bytes) && {
    for (ProtoReader fields(bytes, model_.name_); fields.next();) switch (fields.field()) {
        case onnx::model::graph:
          parse_graph(fields.bytes());
          break;
        case onnx::model::opset_import:
          parse_opset(fields.bytes());
          break;
        case onnx::model::metadata_props:
          parse_metadata(fields.bytes());
          break;
      }
    if (model_.input_.empty() || model_.output_.empty())
      refuse(model_.name_, "has no graph with an input and an output");
    return std::move(model_);
  }

 private:
  ProtoReader reader(std::string_view bytes) const { return {bytes, model_.name_}; }

  void parse_graph(std::string_view bytes) {
    for (ProtoReader fields = reader(bytes); fields.next();) switch (fields.field()) {
        case onnx::graph::node:
          model_.nodes_.push_back(parse_node(fields.bytes()));
          break;
        case onnx::graph::initializer:
          parse_weight(fields.bytes());
          break;
        case onnx::graph::input:
          parse_value(fields.bytes(), model_.input_, "input");
          break;
        case onnx::graph::output:
          parse_value(fields.bytes(), model_.output_, "output");
          break;
      }
  }

  void parse_value(std::string_view bytes, std::string& name, const char* kind) const {
    if (!name.empty()) refuse(model_.name_, std::string("has more than one ") + kind);
    for (ProtoReader fields = reader(bytes); fields.next();)
      if (fields.field() == onnx::value_info::name) name = fields.bytes();
  }

  OnnxNode parse_node(std::string_view bytes) const {
    OnnxNode node;
    for (ProtoReader fields = reader(bytes); fields.next();) switch (fields.field()) {
        case onnx::node::input:
          node.inputs.emplace_back(fields.bytes());
          break;
        case onnx::node::output:
          if (!node.output.empty()) refuse(model_.name_, "a node has more than one output");
          node.output = fields.bytes();
          break;
        case onnx::node::name:
          node.name = fields.bytes();
          break;
        case onnx::node::op_type:
          node.op = fields.bytes();
          break;
        case onnx::node::attribute:
          parse_attribute(fields.bytes(), node);
          break;
      }
    return node;
  }

  void parse_attribute(std::string_view bytes, OnnxNode& node) const {
    std::string name;
    std::vector<std::int64_t> integers;
    double number = 0;
    std::int64_t type = 0;
    for (ProtoReader fields = reader(bytes); fields.next();) switch (fields.field()) {
        case onnx::attribute::name:
          name = fields.bytes();
          break;
        case onnx::attribute::f:
          number = fields.number();
          break;
        case onnx::attribute::i:
        case onnx::attribute::ints:
          fields.append_to(integers);
          break;
        case onnx::attribute::type:
          type = fields.integer();
          break;
      }
    if (type == onnx::attribute::type_float)
      node.numbers[name] = number;
    else if (type == onnx::attribute::type_int || type == onnx::attribute::type_ints)
      node.integers[name] = std::move(integers);
    else
      refuse(model_.name_, "node '" + node.name + "' has the attribute '" + name + "' of an unknown type");
  }

  void parse_weight(std::string_view bytes) {
    std::string name;
    std::vector<std::int64_t> sizes;
    std::string_view data;
    std::int64_t type = 0;
    for (ProtoReader fields = reader(bytes); fields.next();) switch (fields.field()) {
        case onnx::tensor::dims:
          fields.append_to(sizes);
          break;
        case onnx::tensor::data_type:
          type = fields.integer();
          break;
        case onnx::tensor::name:
          name = fields.bytes();
          break;
        case onnx::tensor::raw_data:
          data = fields.bytes();
          break;
      }
    if (type != onnx::tensor::float32) refuse(model_.name_, "weight '" + name + "' is not float32");
    __extension__ using Wide = unsigned __int128;
    Wide wanted = sizeof(float);
    for (const std::int64_t size : sizes) {
      // Each size is at most that of the data, so the product can't leave 128 bits.
      if (size < 0 || wanted > data.size() || static_cast<std::uint64_t>(size) > data.size() ||
          sizes.size() > 8)
        refuse(model_.name_, "weight '" + name + "' has a shape that is not its number of bytes");
      wanted *= static_cast<std::uint64_t>(size);
    }
    if (wanted != data.size())
      refuse(model_.name_, "weight '" + name + "' has a shape that is not its number of bytes");
    at::Tensor tensor = allocate(sizes, at::kFloat);
    if (!data.empty()) std::memcpy(writable_bytes(tensor).data(), data.data(), data.size());
    if (!model_.weights_.emplace(name, std::move(tensor)).second)
      refuse(model_.name_, "weight '" + name + "' is there twice");
  }

  void parse_opset(std::string_view bytes) {
    for (ProtoReader fields = reader(bytes); fields.next();)
      if (fields.field() == onnx::opset::version) model_.opset_ = fields.integer();
  }

  void parse_metadata(std::string_view bytes) {
    std::string key, value;
    for (ProtoReader fields = reader(bytes); fields.next();) {
      if (fields.field() == onnx::entry::key) key = fields.bytes();
      if (fields.field() == onnx::entry::value) value = fields.bytes();
    }
    model_.metadata_[key] = value;
  }

  OnnxModel model_;
};

OnnxModel OnnxModel::read(const std::filesystem::path& path) {
  constexpr std::uint64_t protobuf_limit = std::uint64_t{1} << 31;
  const InputFile file(path);
  if (file.size() >= protobuf_limit) file.fail("is longer than an ONNX file can be (2 GiB)");
  return OnnxParser(file.name()).parse(file.read_at(0, file.size()));
}

}  // namespace amltrain::engine
