// Exports a ResNet as ONNX: opset 17, IR version 8, dynamic batch. Needs neither Python nor protobuf.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/exchange/state_dict.hpp"
#include "engine/nn/spec.hpp"
#include "support/files.hpp"

namespace amltrain::engine {

inline constexpr int onnx_opset = 17, onnx_ir_version = 8;

/// What a user of the file must know to feed it; written as metadata_props: `labels`, `mean` and `std` as
/// JSON arrays, `image_size` and `resize_size` as numbers, `arch`.
struct OnnxMetadata {
  std::vector<std::string> labels;  // by index of the logit; empty: not written
  int image_size = 224;             // side of the square input, pixels
  int resize_size = 256;            // shorter side before the crop to image_size, pixels
  std::array<double, 3> mean = {0.485, 0.456, 0.406}, std = {0.229, 0.224, 0.225};  // of RGB in [0, 1]
};

/// Throws Error{bad_input} when the state dict is not the spec's (see match.hpp), the number of labels is not
/// that of the classes or the file would pass protobuf's 2 GiB; Error{conflict} as AtomicFile does.
void write_onnx(const std::filesystem::path& file, const StateDict& state, const ResNetSpec& spec,
                const OnnxMetadata& metadata, bool fold_batch_norm, AtomicFile::existing policy);

}  // namespace amltrain::engine
