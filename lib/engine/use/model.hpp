// A model read back from its files, ready to compute.
#pragma once

#include <string>
#include <vector>

#include "engine/api.hpp"
#include "engine/data/loader.hpp"
#include "engine/nn/resnet.hpp"
#include "engine/train/numerics.hpp"

namespace amltrain::engine {

/// Shorter side after the resize, and side of the crop, in pixels.
struct ViewSize {
  int image = 224, resize = 256;
};

/// What the report.json beside `model` says it was trained with; the default where it says nothing, is absent
/// or is another program's. Throws Error{bad_input} when it is no JSON, or its sizes are none.
ViewSize trained_view(const std::filesystem::path& model);

struct FinishedModel {
  Numerics numerics;
  ResNet network;
  std::vector<std::string> labels;  // by index of the logit
  ViewSize view;

  /// To see images as the validation of the training did.
  LoaderOptions loader_options(const ModelUse& use) const;
};

/// Reads the weights and the labels.json beside them, and applies device, precision and threads to torch.
/// Throws Error{not_found} when either is absent; Error{bad_input} when the labels are not as many as the
/// classes, or --resize-size is below --image-size.
FinishedModel load_model(const ModelUse& use);

}  // namespace amltrain::engine
