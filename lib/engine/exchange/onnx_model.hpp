// Reads an ONNX file back from its bytes and computes it with ATen on the CPU: the judge of export-onnx
// --check. It shares no code with the writer but the field numbers.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace amltrain::engine {

struct OnnxNode {
  std::string op, name;
  std::vector<std::string> inputs;
  std::string output;
  std::map<std::string, std::vector<std::int64_t>> integers;  // attributes of type INT or INTS
  std::map<std::string, double> numbers;                      // attributes of type FLOAT
};

class OnnxModel {
 public:
  /// Throws Error{not_found}, Error{bad_input} for malformed bytes, weights that are not float32 raw data, or
  /// a graph that does not have one input and one output.
  static OnnxModel read(const std::filesystem::path& file);

  /// float [N, C, H, W] on the CPU to the graph's output. Knows Conv, BatchNormalization, Relu, MaxPool, Add,
  /// GlobalAveragePool, Flatten and Gemm; throws Error{bad_input} naming the node for another operator,
  /// attribute or shape.
  at::Tensor run(const at::Tensor& input) const;

  /// metadata_props.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  std::int64_t opset() const { return opset_; }
  const std::vector<OnnxNode>& nodes() const { return nodes_; }

 private:
  friend class OnnxParser;

  std::string name_;  // of the file
  std::int64_t opset_ = 0;
  std::string input_, output_;
  std::vector<OnnxNode> nodes_;  // in the order of the file, which ONNX requires to be topological
  std::map<std::string, at::Tensor> weights_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace amltrain::engine
