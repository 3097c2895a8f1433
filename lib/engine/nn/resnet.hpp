// ResNet on plain tensors with autograd; values and parameter names are torchvision's.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/exchange/state_dict.hpp"
#include "engine/nn/layers.hpp"
#include "engine/nn/spec.hpp"

namespace amltrain::engine {

/// Where the weights lie, and in which order of dimensions the convolutions like them.
struct Placement {
  at::Device device = at::kCPU;
  at::MemoryFormat format = at::MemoryFormat::Contiguous;
};

class ResNet {
 public:
  /// Fresh weights, drawn from `seed` alone as torchvision draws them (see init.hpp), whatever the placement.
  ResNet(const ResNetSpec& spec, std::int64_t classes, std::uint64_t seed, const Placement& placement = {});

  /// float images N x 3 x H x W, or what fc is given, N x spec().features(), to logits N x classes. In
  /// training mode, batch norm uses the batch's statistics and updates its running ones.
  at::Tensor forward(const at::Tensor& images) const;

  void set_training(bool training) { training_ = training; }
  /// Only fc is trained; batch norm goes on following the data in training mode, as in the tutorial.
  void freeze_backbone();
  void unfreeze_backbone();
  /// The parameters that are trained, in order.
  std::vector<at::Tensor> trainable() const;

  /// Parameters and buffers in torchvision's order, sharing the model's memory.
  const StateDict& state() const { return state_; }
  const ResNetSpec& spec() const { return spec_; }
  std::int64_t classes() const { return fc_.weight.size(0); }
  const Placement& placement() const { return placement_; }

  const ConvNorm& stem() const { return stem_; }
  const std::vector<Residual>& blocks() const { return blocks_; }
  const Linear& fc() const { return fc_; }

 private:
  ConvNorm bind(const std::string& conv, const std::string& norm, int stride, int groups) const;
  void bind_stages();

  ResNetSpec spec_;
  Placement placement_;
  StateDict state_;  // owns the tensors; the layers below hold handles of the same ones
  ConvNorm stem_;
  std::vector<Residual> blocks_;
  Linear fc_;
  bool training_ = true;
};

enum class Head { load, keep_fresh };

/// Copies the tensors of `from` into the model's, whatever their layout. Head::keep_fresh takes any number of
/// classes and leaves fc.* as it is. Throws Error{bad_input} as check_matches() (exchange/match.hpp) does.
void load_state(const ResNet& model, const StateDict& from, const std::string& origin, Head head);

/// A deep copy on the CPU, contiguous: what is saved.
StateDict copy_state(const ResNet& model);
/// The same into an existing copy, without allocating.
void copy_state(const ResNet& model, StateDict& into);

}  // namespace amltrain::engine
