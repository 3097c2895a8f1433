// The judge of export-onnx --check.
#pragma once

#include <filesystem>

#include "engine/exchange/onnx_writer.hpp"
#include "engine/nn/resnet.hpp"

namespace amltrain::engine {

struct ExportCheck {
  int images = 0;
  double largest_difference = 0;  // of a logit
  double largest_logit = 0;       // the scale that the difference is seen on
};

/// Computes the logits of up to 32 images with the ONNX file's own graph and with `model`: images of the
/// validation split of `data`, seen as in training, or drawn noise when `data` is empty.
ExportCheck check_export(const std::filesystem::path& file, ResNet& model, const OnnxMetadata& view,
                         const std::filesystem::path& data);

}  // namespace amltrain::engine
