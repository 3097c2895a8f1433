// What the optimisers have in common: groups of parameters, each with its own share of the learning rate.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <span>
#include <vector>

#include "engine/api.hpp"
#include "engine/exchange/state_dict.hpp"
#include "engine/nn/resnet.hpp"

namespace amltrain::engine {

struct ParameterGroup {
  std::vector<at::Tensor> parameters;
  double rate_scale = 1;  // times the learning rate of the step
};

class Optimiser {
 public:
  explicit Optimiser(std::vector<ParameterGroup> groups) : groups_(std::move(groups)) {}
  virtual ~Optimiser() = default;
  Optimiser(const Optimiser&) = delete;
  Optimiser& operator=(const Optimiser&) = delete;

  /// One step along the gradients. A group without gradients is left as it is, its state too: it is frozen.
  void step(double learning_rate);
  /// Drops the gradients (set_to_none): their memory is free for the next forward pass.
  void zero_grad();
  /// Moves the gradients out, one a parameter; undefined where there is none.
  std::vector<at::Tensor> take_gradients();
  /// Adds what take_gradients() gave to the gradients there are.
  void add_gradients(const std::vector<at::Tensor>& taken);
  /// The gradients there are, in the order of the parameters, sharing their memory.
  std::vector<at::Tensor> gradients() const;
  /// Those that are trained now.
  std::vector<at::Tensor> trained() const;
  /// What it carries from step to step, by name, sharing its memory.
  virtual StateDict state() const = 0;

 protected:
  /// Zeros for the state of each parameter, without gradients of their own.
  static std::vector<at::Tensor> zeros_like(const std::vector<at::Tensor>& parameters);
  /// `prefix` and a number that counts through all groups.
  static StateDict numbered(const std::string& prefix, const std::vector<std::vector<at::Tensor>>& groups);
  std::span<const ParameterGroup> groups() const { return groups_; }

 private:
  virtual void update(std::size_t group, const std::vector<at::Tensor>& gradients, double rate) = 0;

  std::vector<ParameterGroup> groups_;
};

/// The backbone's parameters at options.backbone_lr_scale, and fc's at 1; fc's alone when the backbone is
/// frozen for good.
std::vector<ParameterGroup> parameter_groups(const ResNet& model, const TrainOptions& options);

std::unique_ptr<Optimiser> make_optimiser(const ResNet& model, const TrainOptions& options);

/// torch.nn.utils.clip_grad_norm_(..., max_norm): scales all gradients by one factor, at most 1, so that the
/// norm over all of them is at most `max_norm`. Nothing is read back from the device.
void clip_grad_norm(const std::vector<at::Tensor>& gradients, double max_norm);

}  // namespace amltrain::engine
