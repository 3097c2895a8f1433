// A network with its optimiser, and steps of it.
#pragma once

#include <memory>
#include <utility>

#include "engine/nn/resnet.hpp"
#include "engine/torch.hpp"
#include "engine/train/numerics.hpp"
#include "engine/train/step.hpp"
#include "rates.hpp"

namespace amltrain::bench {

class Trained {
 public:
  Trained(const engine::TrainOptions& options, std::int64_t classes)
      : options_(options),
        numerics_(engine::choose_numerics(options)),
        model_(engine::find_resnet_spec(options.arch), classes, options.seed, numerics_.placement()),
        optimiser_(engine::make_optimiser(model_, options)),
        step_(model_, *optimiser_, {.bf16 = numerics_.bf16, .cuda_graph = options.cuda_graph}) {}

  void step(const engine::Batch& batch) {
    step(engine::images_of(batch, model_.placement()), engine::labels_of(batch, model_.placement()));
  }
  /// A step on the synthetic batch, which is made when first asked for.
  void step() {
    if (!images_.defined()) {
      const std::int64_t size = options_.image_size;
      images_ = at::zeros({options_.batch_size, 3, size, size}, at::kFloat)
                    .uniform_(-2, 2)
                    .contiguous(model_.placement().format)
                    .to(model_.placement().device);
      labels_ = at::zeros({options_.batch_size}, at::kLong).to(model_.placement().device);
    }
    step(images_, labels_);
  }

  /// Waits until the steps so far are done, which on a GPU go on after step() returns.
  void wait() const {
    if (loss_.defined()) loss_.item<double>();
  }
  engine::ResNet& model() { return model_; }
  const engine::Numerics& numerics() const { return numerics_; }

 private:
  void step(const at::Tensor& images, const at::Tensor& labels) {
    model_.set_training(true);
    loss_ = step_.add(images, {labels}).loss;
    step_.finish(options_.learning_rate);
  }

  engine::TrainOptions options_;
  engine::Numerics numerics_;
  engine::ResNet model_;
  std::unique_ptr<engine::Optimiser> optimiser_;
  engine::Step step_;
  at::Tensor images_, labels_, loss_;
};

}  // namespace amltrain::bench
