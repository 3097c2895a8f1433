// A ResNet as an ONNX graph (opset 17): the nodes of torchvision's ResNet.forward in evaluation mode.
#pragma once

#include <vector>

#include "engine/exchange/proto_writer.hpp"
#include "engine/exchange/state_dict.hpp"
#include "engine/nn/spec.hpp"

namespace amltrain::engine {

struct OnnxGraph {
  ProtoMessage message;             // GraphProto
  std::vector<at::Tensor> weights;  // what the message borrows
};

/// Input `input` [N, 3, image_size, image_size], output `logits` [N, classes], both float; weights keep the
/// names of the state dict. `state` has passed check_matches(). With `fold_batch_norm`, each
/// BatchNormalization is folded into the convolution before it, computed in double.
OnnxGraph build_onnx_graph(const StateDict& state, const ResNetSpec& spec, int image_size,
                           bool fold_batch_norm);

}  // namespace amltrain::engine
