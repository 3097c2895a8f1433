#include "engine/train/step.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/torch.hpp"
#include "engine/train/one_step.hpp"
#include "engine/train/sgd.hpp"

using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

at::Tensor images(const Placement& placement) {
  const at::Tensor tensor = at::empty({4, 3, 48, 48}).uniform_(-1, 1);
  return tensor.to(tensor.options(), false, false, placement.format);
}

at::Tensor labels() { return at::zeros({4}, at::kLong); }

}  // namespace

TEST_CASE("steps on one batch lower its loss until it is learnt", "[engine][train]") {
  const bool bf16 = GENERATE(false, true);
  const Placement placement{at::kCPU, bf16 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous};
  const ResNet model(find_resnet_spec("resnet18"), 2, 1, placement);
  Sgd optimiser({{model.trainable()}}, 0.9);
  const at::Tensor batch = images(placement);
  const BatchResult first = one_step(model, optimiser, 0.01, batch, labels(), {.bf16 = bf16});
  BatchResult last;
  for (int i = 0; i < 8; ++i) last = one_step(model, optimiser, 0.01, batch, labels(), {.bf16 = bf16});
  CHECK(last.loss < first.loss / 4);
  CHECK(last.correct == 4);
}

TEST_CASE("the weights stay fp32 when the step computes in bf16", "[engine][train]") {
  const Placement placement{at::kCPU, at::MemoryFormat::ChannelsLast};
  const ResNet model(find_resnet_spec("resnet18"), 2, 1, placement);
  const StateDict before = copy_state(model);
  Sgd optimiser({{model.trainable()}}, 0.9);
  one_step(model, optimiser, 1e-6, images(placement), labels(),
           {.bf16 = true});  // far below bf16's resolution of a weight
  const at::Tensor& weight = *model.state().find("fc.weight");
  CHECK(weight.scalar_type() == at::kFloat);
  const double moved = weight.detach().sub(*before.find("fc.weight")).abs().max().item<double>();
  CHECK(moved > 0);
  CHECK(moved < 1e-5);  // a twelfth of the distance of two bf16 numbers near a weight of 0.03
}

TEST_CASE("a loss that is no number changes no weight", "[engine][train]") {
  const ResNet model(find_resnet_spec("resnet18"), 2, 1);
  Sgd optimiser({{model.trainable()}}, 0.9);
  const at::Tensor bad = images({});
  bad.fill_(std::nan(""));
  const BatchResult result = one_step(model, optimiser, 0.01, bad, labels());
  CHECK_FALSE(std::isfinite(result.loss));
  const ResNet fresh(find_resnet_spec("resnet18"), 2, 1);
  CHECK(model.state().find("conv1.weight")->equal(*fresh.state().find("conv1.weight")));
}

TEST_CASE("only fc moves in a step with a frozen backbone", "[engine][train]") {
  ResNet model(find_resnet_spec("resnet18"), 2, 1);
  model.freeze_backbone();
  Sgd optimiser({{model.trainable()}}, 0.9);
  one_step(model, optimiser, 0.1, images({}), labels());
  const ResNet fresh(find_resnet_spec("resnet18"), 2, 1);
  for (const auto& [name, tensor] : model.state().entries) {
    if (!name.ends_with(".weight")) continue;
    INFO(name);
    CHECK(tensor.equal(*fresh.state().find(name)) == (name != "fc.weight"));
  }
}
