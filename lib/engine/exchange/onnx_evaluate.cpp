#include <ATen/ops/add.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/relu.h>
#include <c10/core/InferenceMode.h>

#include "engine/exchange/onnx_model.hpp"
#include "engine/exchange/refuse.hpp"

namespace amltrain::engine {
namespace {

class Operator {
 public:
  Operator(const OnnxNode& node, std::vector<at::Tensor> inputs, const std::string& origin)
      : node_(node), inputs_(std::move(inputs)), origin_(origin) {}

  at::Tensor run() const {
    if (node_.op == "Conv") return convolution();
    if (node_.op == "BatchNormalization") return batch_norm();
    if (node_.op == "Relu") return at::relu(input(0));
    if (node_.op == "MaxPool") return max_pool();
    if (node_.op == "Add") return at::add(input(0), input(1));
    if (node_.op == "GlobalAveragePool") return at::mean(input(0), {2, 3}, true);
    if (node_.op == "Flatten") return flatten();
    if (node_.op == "Gemm") return gemm();
    fail("is the operator " + node_.op + ", which is not known");
  }

 private:
  at::Tensor convolution() const {
    only({"kernel_shape", "strides", "pads", "dilations", "group"});
    const at::Tensor bias = inputs_.size() > 2 ? inputs_[2] : at::Tensor();
    return at::conv2d(input(0), input(1), bias, integers("strides", {1, 1}), pads(),
                      integers("dilations", {1, 1}), integers("group", {1}).front());
  }

  at::Tensor batch_norm() const {
    only({"epsilon"});
    const auto epsilon = node_.numbers.find("epsilon");
    return at::batch_norm(input(0), input(1), input(2), input(3), input(4), false, 0,
                          epsilon == node_.numbers.end() ? 1e-5 : epsilon->second, false);
  }

  at::Tensor max_pool() const {
    only({"kernel_shape", "strides", "pads"});
    return at::max_pool2d(input(0), integers("kernel_shape", {}), integers("strides", {1, 1}), pads());
  }

  at::Tensor flatten() const {
    only({"axis"});
    if (integers("axis", {1}) != std::vector<std::int64_t>{1}) fail("flattens another axis than 1");
    return input(0).flatten(1);
  }

  at::Tensor gemm() const {
    only({"transB"});
    const bool transposed = integers("transB", {0}).front() != 0;
    return at::linear(input(0), transposed ? input(1) : input(1).t(), input(2));
  }

  /// ONNX lists the paddings before, then those after: [top, left, bottom, right].
  std::vector<std::int64_t> pads() const {
    const auto values = integers("pads", {0, 0, 0, 0});
    if (values.size() != 4 || values[0] != values[2] || values[1] != values[3]) fail("pads unevenly");
    return {values[0], values[1]};
  }

  const at::Tensor& input(std::size_t index) const {
    if (index >= inputs_.size()) fail("has too few inputs");
    return inputs_[index];
  }

  std::vector<std::int64_t> integers(const char* name, std::vector<std::int64_t> fallback) const {
    const auto found = node_.integers.find(name);
    if (found == node_.integers.end()) return fallback;
    if (found->second.empty()) fail(std::string("has no value for ") + name);
    return found->second;
  }

  /// An attribute that is not understood would make the result wrong in silence.
  void only(std::initializer_list<std::string_view> known) const {
    const auto check = [&](const std::string& name) {
      for (const auto word : known)
        if (name == word) return;
      fail("has the attribute " + name + ", which is not known");
    };
    for (const auto& [name, value] : node_.integers) check(name);
    for (const auto& [name, value] : node_.numbers) check(name);
  }

  [[noreturn]] void fail(const std::string& problem) const {
    refuse(origin_, "node '" + node_.name + "' " + problem);
  }

  const OnnxNode& node_;
  std::vector<at::Tensor> inputs_;
  const std::string& origin_;
};

}  // namespace

at::Tensor OnnxModel::run(const at::Tensor& input) const {
  const c10::InferenceMode no_gradient;
  std::map<std::string, std::size_t> last_use;  // a value is let go behind it
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    for (const auto& name : nodes_[i].inputs) last_use[name] = i;
  last_use[output_] = nodes_.size();

  std::map<std::string, at::Tensor> values = {{input_, input}};
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const OnnxNode& node = nodes_[i];
    std::vector<at::Tensor> inputs;
    for (const auto& name : node.inputs) {
      const auto value = values.find(name);
      const auto weight = weights_.find(name);
      if (value == values.end() && weight == weights_.end())
        refuse(name_, "node '" + node.name + "' needs '" + name + "', which nothing before it gives");
      inputs.push_back(value != values.end() ? value->second : weight->second);
    }
    try {
      values[node.output] = Operator(node, std::move(inputs), name_).run();
    } catch (const c10::Error& problem) {
      refuse(name_, "node '" + node.name + "': " + problem.what_without_backtrace());
    }
    for (const auto& name : node.inputs)
      if (last_use[name] == i) values.erase(name);
  }
  const auto output = values.find(output_);
  if (output == values.end()) refuse(name_, "gives no '" + output_ + "'");
  return output->second;
}

}  // namespace amltrain::engine
