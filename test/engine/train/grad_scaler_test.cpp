#include "engine/train/grad_scaler.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "engine/exchange/formats.hpp"
#include "engine/torch.hpp"
#include "engine/train/autocast.hpp"
#include "engine/train/one_step.hpp"
#include "engine/train/sgd.hpp"
#include "image/reference.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

TEST_CASE("the scaler does what torch.amp.GradScaler does, with overflowing steps and without",
          "[engine][train][reference]") {
  if (!have_reference()) return;
  const TemporaryFolder folder;
  const json expected = run_reference("train_grad_scaler.py", folder.path(), {});
  const StateDict tensors = read_weights(folder / "tensors.safetensors");
  const at::Tensor weight = tensors.find("weight")->clone().set_requires_grad(true);
  Sgd optimiser({{{weight}}}, expected.at("momentum"));
  GradScaler scaler(at::kCPU,
                    {.initial = expected.at("initial"), .growth_interval = expected.at("growth_interval")});
  for (int step = 0; step < expected.at("steps"); ++step) {
    INFO("step " << step);
    const bool spoiled =
        std::ranges::find(expected.at("spoiled"), json(step)) != expected.at("spoiled").end();
    const at::Tensor input = tensors.find("input")->mul(spoiled ? expected.at("spoil").get<double>() : 1);
    at::Tensor logits;
    {
      const Autocast autocast(at::kCPU, at::kHalf);
      logits = at::linear(input.clamp(-60000, 60000), weight.mul(1e-3)).to(at::kFloat);
    }
    scaler.scaled(at::cross_entropy_loss(logits, *tensors.find("target"))).backward();
    const bool fine = scaler.unscale(optimiser.gradients());
    CHECK(fine != spoiled);
    if (fine) optimiser.step(expected.at("learning_rate"));
    scaler.update();
    optimiser.zero_grad();
    const auto index = static_cast<std::size_t>(step);
    CHECK(scaler.scale() == expected.at("scales").at(index).get<double>());
    CHECK(scaler.state().find("scaler.growth_tracker")->item<int>() == expected.at("trackers").at(index));
  }
  CHECK(weight.detach().equal(*tensors.find("final")));
}

TEST_CASE("a step whose scaled gradients overflow changes no weight, and the next has half the scale",
          "[engine][train]") {
  const Placement placement{at::kCPU, at::MemoryFormat::ChannelsLast};
  const ResNet model(find_resnet_spec("resnet18"), 2, 1, placement),
      fresh(find_resnet_spec("resnet18"), 2, 1);
  Sgd optimiser({{model.trainable()}}, 0.9);
  GradScaler scaler(at::kCPU, {.initial = 1e30});
  const at::Tensor images =
      at::empty({4, 3, 48, 48}).uniform_(-1, 1).contiguous(at::MemoryFormat::ChannelsLast);
  one_step(model, optimiser, 0.01, images, at::zeros({4}, at::kLong), {.scaler = &scaler});
  CHECK(model.state().find("fc.weight")->equal(*fresh.state().find("fc.weight")));
  CHECK(scaler.scale() == 0.5 * static_cast<double>(1e30F));
}

TEST_CASE("a step in fp16 goes where one in fp32 goes, and its weights stay fp32", "[engine][train]") {
  const Placement placement{at::kCPU, at::MemoryFormat::ChannelsLast};
  const ResNet exact(find_resnet_spec("resnet18"), 2, 1, placement);
  const ResNet model(find_resnet_spec("resnet18"), 2, 1, placement);
  const StateDict before = copy_state(model);
  Sgd exact_optimiser({{exact.trainable()}}, 0.9), optimiser({{model.trainable()}}, 0.9);
  GradScaler scaler(at::kCPU, {.initial = 128});
  at::Tensor images = at::empty({8, 3, 64, 64}).uniform_(-1, 1).contiguous(placement.format);
  at::Tensor labels = at::zeros({8}, at::kLong);
  labels.narrow(0, 4, 4).fill_(1);
  const StepOptions clipped{.clip_grad_norm = 1};  // to a norm of 1: were it done before unscaling, to 1/128
  StepOptions scaled = clipped;
  scaled.scaler = &scaler;
  const BatchResult theirs = one_step(exact, exact_optimiser, 0.01, images, labels, clipped);
  const BatchResult ours = one_step(model, optimiser, 0.01, images, labels, scaled);
  CHECK(ours.loss == Approx(theirs.loss).epsilon(0.01));
  const auto moved = [&](const ResNet& by) {
    return by.state().find("fc.weight")->detach().sub(*before.find("fc.weight"));
  };
  CHECK(model.state().find("fc.weight")->scalar_type() == at::kFloat);
  CHECK(moved(model).sub(moved(exact)).norm().item<double>() < 0.05 * moved(exact).norm().item<double>());
}
