#include "engine/exchange/onnx_graph.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/rsqrt.h>

#include <optional>

#include "engine/exchange/onnx_fields.hpp"
#include "engine/exchange/tensor_bytes.hpp"
#include "support/error.hpp"

namespace amltrain::engine {
namespace {

constexpr float batch_norm_epsilon = 1e-5F;  // torch.nn.BatchNorm2d's default

class Node {
 public:
  Node(std::string_view op, const std::string& name, std::initializer_list<std::string> inputs,
       const std::string& output) {
    for (const auto& input : inputs) message_.text(onnx::node::input, input);
    message_.text(onnx::node::output, output);
    message_.text(onnx::node::name, name);
    message_.text(onnx::node::op_type, op);
  }
  Node& integer(std::string_view name, std::int64_t value) {
    ProtoMessage attribute;
    attribute.text(onnx::attribute::name, name).integer(onnx::attribute::i, value);
    return add(std::move(attribute), onnx::attribute::type_int);
  }
  Node& integers(std::string_view name, std::initializer_list<std::int64_t> values) {
    ProtoMessage attribute;
    attribute.text(onnx::attribute::name, name);
    for (const std::int64_t value : values) attribute.integer(onnx::attribute::ints, value);
    return add(std::move(attribute), onnx::attribute::type_ints);
  }
  Node& number(std::string_view name, float value) {
    ProtoMessage attribute;
    attribute.text(onnx::attribute::name, name).number(onnx::attribute::f, value);
    return add(std::move(attribute), onnx::attribute::type_float);
  }
  ProtoMessage take() && { return std::move(message_); }

 private:
  Node& add(ProtoMessage attribute, onnx::attribute::Type type) {
    attribute.integer(onnx::attribute::type, type);
    message_.message(onnx::node::attribute, std::move(attribute));
    return *this;
  }

  ProtoMessage message_;
};

ProtoMessage value_info(std::string_view name, std::initializer_list<std::int64_t> sizes_after_batch) {
  ProtoMessage batch, shape, tensor, type, info;
  batch.text(onnx::dimension::parameter, "N");
  shape.message(onnx::shape::dim, std::move(batch));
  for (const std::int64_t size : sizes_after_batch) {
    ProtoMessage dimension;
    dimension.integer(onnx::dimension::value, size);
    shape.message(onnx::shape::dim, std::move(dimension));
  }
  tensor.integer(onnx::tensor_type::elem_type, onnx::tensor::float32);
  tensor.message(onnx::tensor_type::shape, std::move(shape));
  type.message(onnx::type::tensor_type, std::move(tensor));
  info.text(onnx::value_info::name, name).message(onnx::value_info::type, std::move(type));
  return info;
}

class GraphBuilder {
 public:
  GraphBuilder(const StateDict& state, const ResNetSpec& spec, bool fold)
      : state_(state), spec_(spec), fold_(fold) {}

  OnnxGraph build(int image_size) {
    graph_.message.text(onnx::graph::name, spec_.name);
    std::string value = relu(conv_norm("input", "conv1", "bn1", 7, 2, 1));
    value = add(Node("MaxPool", "maxpool", {value}, "maxpool")
                    .integers("kernel_shape", {3, 3})
                    .integers("strides", {2, 2})
                    .integers("pads", {1, 1, 1, 1}),
                "maxpool");
    for (std::size_t stage = 0; stage < spec_.layers.size(); ++stage)
      for (int block = 0; block < spec_.layers[stage]; ++block)
        value = residual(value, "layer" + std::to_string(stage + 1) + "." + std::to_string(block),
                         stage > 0 && block == 0 ? 2 : 1);
    value = add(Node("GlobalAveragePool", "avgpool", {value}, "avgpool"), "avgpool");
    value = add(Node("Flatten", "flatten", {value}, "flatten").integer("axis", 1), "flatten");
    const at::Tensor& head = weight("fc.weight");
    initializer("fc.weight", head);
    initializer("fc.bias", weight("fc.bias"));
    add(Node("Gemm", "fc", {value, "fc.weight", "fc.bias"}, "logits").integer("transB", 1), "logits");
    graph_.message.message(onnx::graph::input, value_info("input", {3, image_size, image_size}));
    graph_.message.message(onnx::graph::output, value_info("logits", {head.size(0)}));
    return std::move(graph_);
  }

 private:
  std::string residual(const std::string& input, const std::string& block, int stride) {
    std::string value = input;
    if (spec_.block == Block::basic) {
      value = relu(conv_norm(value, block + ".conv1", block + ".bn1", 3, stride, 1));
      value = conv_norm(value, block + ".conv2", block + ".bn2", 3, 1, 1);
    } else {
      value = relu(conv_norm(value, block + ".conv1", block + ".bn1", 1, 1, 1));
      value = relu(conv_norm(value, block + ".conv2", block + ".bn2", 3, stride, spec_.groups));
      value = conv_norm(value, block + ".conv3", block + ".bn3", 1, 1, 1);
    }
    const bool with_downsample = state_.find(block + ".downsample.0.weight") != nullptr;
    const std::string shortcut =
        with_downsample ? conv_norm(input, block + ".downsample.0", block + ".downsample.1", 1, stride, 1)
                        : input;
    return relu(add(Node("Add", block + ".add", {value, shortcut}, block + ".add"), block + ".add"));
  }

  /// A convolution without bias and the batch norm behind it; gives the name of the result.
  std::string conv_norm(const std::string& input, const std::string& conv, const std::string& norm,
                        int kernel, int stride, int groups) {
    const std::int64_t pad = kernel / 2;
    const auto node = [&](std::initializer_list<std::string> inputs) {
      return Node("Conv", conv, inputs, conv)
          .integers("kernel_shape", {kernel, kernel})
          .integers("strides", {stride, stride})
          .integers("pads", {pad, pad, pad, pad})
          .integers("dilations", {1, 1})
          .integer("group", groups);
    };
    if (fold_) {
      fold(conv, norm);
      return add(node({input, conv + ".weight", conv + ".bias"}), conv);
    }
    initializer(conv + ".weight", weight(conv + ".weight"));
    for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"})
      initializer(norm + part, weight(norm + part));
    const std::string convolved = add(node({input, conv + ".weight"}), conv);
    return add(
        Node("BatchNormalization", norm,
             {convolved, norm + ".weight", norm + ".bias", norm + ".running_mean", norm + ".running_var"},
             norm)
            .number("epsilon", batch_norm_epsilon),
        norm);
  }

  /// y = (w * x - mean) * gamma / sqrt(variance + epsilon) + beta, as one convolution with bias.
  void fold(const std::string& conv, const std::string& norm) {
    const auto precise = [&](const std::string& name) { return weight(name).to(at::kDouble); };
    const auto scale =
        precise(norm + ".weight") * at::rsqrt(precise(norm + ".running_var") + double{batch_norm_epsilon});
    initializer(conv + ".weight", (precise(conv + ".weight") * scale.view({-1, 1, 1, 1})).to(at::kFloat));
    initializer(conv + ".bias",
                (precise(norm + ".bias") - precise(norm + ".running_mean") * scale).to(at::kFloat));
  }

  std::string relu(const std::string& input) {
    const std::string output = input + ".relu";
    return add(Node("Relu", output, {input}, output), output);
  }

  std::string add(Node node, const std::string& output) {
    graph_.message.message(onnx::graph::node, std::move(node).take());
    return output;
  }

  const at::Tensor& weight(const std::string& name) const {
    const at::Tensor* found = state_.find(name);
    if (!found) throw Error(category::internal, "the state dict has no '" + name + "'");
    return *found;
  }

  void initializer(const std::string& name, const at::Tensor& value) {
    graph_.weights.push_back(value.contiguous());
    ProtoMessage tensor;
    for (const std::int64_t size : value.sizes()) tensor.integer(onnx::tensor::dims, size);
    tensor.integer(onnx::tensor::data_type, onnx::tensor::float32).text(onnx::tensor::name, name);
    tensor.borrowed(onnx::tensor::raw_data, bytes_of(graph_.weights.back()));
    graph_.message.message(onnx::graph::initializer, std::move(tensor));
  }

  const StateDict& state_;
  const ResNetSpec& spec_;
  bool fold_;
  OnnxGraph graph_;
};

}  // namespace

OnnxGraph build_onnx_graph(const StateDict& state, const ResNetSpec& spec, int image_size,
                           bool fold_batch_norm) {
  return GraphBuilder(state, spec, fold_batch_norm).build(image_size);
}

}  // namespace amltrain::engine
