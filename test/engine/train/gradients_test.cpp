// What a step's gradient is made of. Batch norm sees the same statistics in one batch of three equal parts as
// in each part, so that the parts can be taken together or apart.
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>

#include <catch2/catch.hpp>

#include "engine/torch.hpp"
#include "engine/train/sgd.hpp"
#include "engine/train/step.hpp"

using namespace amltrain::engine;

namespace {

struct Parts {
  at::Tensor images = at::empty({4, 3, 48, 48}).uniform_(-1, 1);
  at::Tensor first = at::zeros({4}, at::kLong), second = at::zeros({8}, at::kLong).fill_(1);

  at::Tensor twice() const { return at::cat({images, images}); }
  at::Tensor all() const { return at::cat({images, images, images}); }
  at::Tensor all_labels() const { return at::cat({first, second}); }
};

/// What a step of rate 1 without momentum takes away from fc, after `add` has added the batches.
template <typename Add>
at::Tensor gradient(const StepOptions& options, Add&& add) {
  const ResNet model(find_resnet_spec("resnet18"), 2, 1);
  Sgd optimiser({{model.trainable()}}, 0);
  Step step(model, optimiser, options);
  add(step);
  const at::Tensor before = model.state().find("fc.weight")->detach().clone();
  step.finish(1);
  return before.sub(model.state().find("fc.weight")->detach());
}

double difference(const at::Tensor& a, const at::Tensor& b) {
  return a.sub(b).abs().max().item<double>() / b.abs().max().item<double>();
}

}  // namespace

TEST_CASE("the gradient of several batches is the mean over their images, however many each has",
          "[engine][train]") {
  const Parts parts;
  const at::Tensor whole = gradient({}, [&](Step& step) { step.add(parts.all(), {parts.all_labels()}); });
  const at::Tensor apart = gradient({.batches = 2}, [&](Step& step) {
    step.add(parts.images, {parts.first});
    step.add(parts.twice(), {parts.second});
  });
  CHECK(difference(apart, whole) < 1e-4);
}

TEST_CASE("a batch that is computed in parts has the gradient, the loss and the hits of the whole",
          "[engine][train]") {
  const Parts parts;
  Outcome whole, apart;
  const at::Tensor expected =
      gradient({}, [&](Step& step) { whole = step.add(parts.all(), {parts.all_labels()}); });
  const at::Tensor got =
      gradient({.micro_batch = 4}, [&](Step& step) { apart = step.add(parts.all(), {parts.all_labels()}); });
  CHECK(difference(got, expected) < 1e-4);
  CHECK(apart.loss.item<double>() == Approx(whole.loss.item<double>()).epsilon(1e-5));
  CHECK(apart.correct.item<std::int64_t>() == whole.correct.item<std::int64_t>());
}

TEST_CASE("a step along a clipped gradient is as long as the limit", "[engine][train]") {
  const Parts parts;
  const ResNet model(find_resnet_spec("resnet18"), 2, 1);
  Sgd optimiser({{model.trainable()}}, 0);
  std::vector<at::Tensor> before;
  for (const at::Tensor& parameter : model.trainable()) before.push_back(parameter.detach().clone());
  Step step(model, optimiser, {.clip_grad_norm = 0.25});
  step.add(parts.images, {parts.first});
  step.finish(1);
  double squares = 0;
  for (std::size_t i = 0; i < before.size(); ++i)
    squares += before[i].sub(model.trainable()[i].detach()).square().sum().item<double>();
  CHECK(std::sqrt(squares) == Approx(0.25).epsilon(1e-3));
}

TEST_CASE("mixed images are judged by both labels, and hits by the larger share's", "[engine][train]") {
  at::Tensor images = at::tensor({1.0f, 2.0f}).reshape({2, 1, 1, 1});
  Target target{at::tensor({0, 1}, at::kLong)};
  mix({.share = 0.25, .partner = {1, 0}}, images, target);
  CHECK(images.flatten()[0].item<float>() == Approx(0.25 * 1 + 0.75 * 2));
  const at::Tensor logits = at::tensor({0.0f, 3.0f, 3.0f, 0.0f}).reshape({2, 2});  // says 1, then 0
  CHECK(hits_of(logits, target).item<std::int64_t>() == 2);
  const double near = std::log1p(std::exp(-3.0)), far = 3 + near;
  CHECK(loss_of(logits, target, 0).item<double>() == Approx(0.25 * far + 0.75 * near));
}

TEST_CASE("a backbone at a tenth of the rate moves a tenth as far, and fc as far as before",
          "[engine][train]") {
  const Parts parts;
  const auto moved = [&](double scale, const char* name) {
    const ResNet model(find_resnet_spec("resnet18"), 2, 1);
    TrainOptions options;
    options.backbone_lr_scale = scale;
    const auto optimiser = make_optimiser(model, options);
    const at::Tensor before = model.state().find(name)->detach().clone();
    Step step(model, *optimiser, {});
    step.add(parts.images, {parts.first});
    step.finish(0.1);
    return before.sub(model.state().find(name)->detach()).abs().sum().item<double>();
  };
  CHECK(moved(0.1, "layer4.1.conv2.weight") == Approx(moved(1, "layer4.1.conv2.weight") / 10).epsilon(1e-2));
  CHECK(moved(0.1, "fc.weight") == Approx(moved(1, "fc.weight")));
}
