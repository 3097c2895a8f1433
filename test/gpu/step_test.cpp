#include "engine/train/step.hpp"

#include <ATen/ops/arange.h>

#include <catch2/catch.hpp>

#include "engine/train/adamw.hpp"
#include "engine/train/one_step.hpp"
#include "engine/train/sgd.hpp"
#include "gpu/gpu.hpp"

using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

enum class Kind { fp32, bf16, fp16 };

struct Learner {
  ResNet model;
  std::unique_ptr<Optimiser> optimiser;
  GradScaler scaler;
  StepOptions options;

  Learner(const Placement& placement, Kind kind, bool adamw = false)
      : model(find_resnet_spec("resnet18"), 3, 1, placement),
        scaler(placement.device, {.initial = 1024}),
        options{.bf16 = kind == Kind::bf16, .scaler = kind == Kind::fp16 ? &scaler : nullptr} {
    if (adamw)
      optimiser = std::make_unique<AdamW>(std::vector<ParameterGroup>{{model.trainable()}}, 0.01);
    else
      optimiser = std::make_unique<Sgd>(std::vector<ParameterGroup>{{model.trainable()}}, 0.9);
  }
  double step(const at::Tensor& images, const at::Tensor& labels) {
    const at::Device device = model.placement().device;
    return one_step(model, *optimiser, 0.001, images.to(device), labels.to(device), options).loss;
  }
};

at::Tensor drawn_images(std::int64_t count) {
  return at::empty({count, 3, 64, 64}).uniform_(-1, 1).contiguous(at::MemoryFormat::ChannelsLast);
}
at::Tensor drawn_labels(std::int64_t count) { return at::arange(count, at::kLong).remainder(3); }

double largest_distance(const ResNet& one, const ResNet& other) {
  double largest = 0;
  for (std::size_t i = 0; i < one.state().entries.size(); ++i)
    largest = std::max(largest, distance(one.state().entries[i].second, other.state().entries[i].second));
  return largest;
}

}  // namespace

TEST_CASE("steps in fp32 are those of the CPU", "[gpu]") {
  const bool adamw = GENERATE(false, true);
  Learner host(kHost, Kind::fp32, adamw), gpu(kGpu, Kind::fp32, adamw);
  for (int i = 0; i < 3; ++i) {
    INFO("step " << i);
    const at::Tensor images = drawn_images(16);
    CHECK(gpu.step(images, drawn_labels(16)) == Approx(host.step(images, drawn_labels(16))).epsilon(2e-3));
  }
  // AdamW moves each weight by the rate, whichever way the sign of a gradient near zero is.
  CHECK(largest_distance(host.model, gpu.model) < (adamw ? 0.01 : 0.005));
}

TEST_CASE("steps in bf16 and fp16 are near those in fp32, and the weights stay fp32", "[gpu]") {
  const Kind kind = GENERATE(Kind::bf16, Kind::fp16);
  Learner exact(kGpu, Kind::fp32), gpu(kGpu, kind);
  for (int i = 0; i < 3; ++i) {
    const at::Tensor images = drawn_images(16);
    CHECK(gpu.step(images, drawn_labels(16)) == Approx(exact.step(images, drawn_labels(16))).epsilon(0.05));
  }
  CHECK(gpu.model.state().find("conv1.weight")->scalar_type() == at::kFloat);
  if (kind == Kind::fp16) CHECK(gpu.scaler.state().find("scaler.growth_tracker")->item<int>() == 3);
}

TEST_CASE("an overflow of fp16 skips the step on the GPU too", "[gpu]") {
  Learner gpu(kGpu, Kind::fp16);
  gpu.scaler.state().find("scaler.scale")->fill_(1e30);
  const at::Tensor before = gpu.model.state().find("fc.weight")->detach().clone();
  gpu.step(drawn_images(4), drawn_labels(4));
  CHECK(gpu.model.state().find("fc.weight")->equal(before));
  CHECK(gpu.scaler.scale() == 0.5 * static_cast<double>(1e30F));
}

TEST_CASE("steps from a CUDA graph are plain steps, and a batch of another shape is a plain one", "[gpu]") {
  const Kind kind = GENERATE(Kind::fp32, Kind::bf16, Kind::fp16);
  Learner plain(kGpu, kind), graphed(kGpu, kind);
  graphed.options.cuda_graph = true;
  Step step(graphed.model, *graphed.optimiser, graphed.options);
  for (int i = 0; i < 8; ++i) {
    INFO("step " << i);
    const std::int64_t count = i == 6 ? 5 : 16;
    const at::Tensor images = drawn_images(count), labels = drawn_labels(count);
    const double expected = plain.step(images, labels);
    const Outcome outcome = step.add(images.to(kGpu.device), {labels.to(kGpu.device)});
    step.finish(0.001);
    CHECK(outcome.images == count);
    CHECK(outcome.loss.item<double>() == Approx(expected).epsilon(kind == Kind::fp32 ? 2e-3 : 0.05));
  }
  CHECK(step.graph_runs() == 4);  // of eight, three come first and one has another shape
  CHECK(distance(*plain.model.state().find("bn1.num_batches_tracked"),
                 *graphed.model.state().find("bn1.num_batches_tracked")) == 0);
}

TEST_CASE("mixed images and their loss are those of the CPU", "[gpu]") {
  const at::Tensor images = drawn_images(4);
  at::Tensor host = images, gpu = images.to(kGpu.device);
  Target host_target{drawn_labels(4)}, gpu_target{drawn_labels(4).to(kGpu.device)};
  const Mixing mixing{.share = 0.7, .partner = {2, 0, 3, 1}};
  mix(mixing, host, host_target);
  mix(mixing, gpu, gpu_target);
  CHECK(distance(host, gpu) < 1e-6);
  const at::Tensor logits = at::empty({4, 3}).uniform_(-1, 1);
  CHECK(distance(loss_of(logits, host_target, 0.1), loss_of(logits.to(kGpu.device), gpu_target, 0.1)) < 1e-6);
}
