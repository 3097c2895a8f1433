#include "engine/nn/resnet.hpp"

#include <catch2/catch.hpp>

#include "engine/nn/init.hpp"
#include "engine/torch.hpp"
#include "support/error.hpp"

using namespace amltrain;
using namespace amltrain::engine;

namespace {

const ResNetSpec& spec() { return find_resnet_spec("resnet18"); }

bool same(const StateDict& a, const StateDict& b) {
  for (std::size_t i = 0; i < a.entries.size(); ++i)
    if (!a.entries[i].second.equal(b.entries[i].second)) return false;
  return true;
}

std::string refusal(const StateDict& state, Head head) {
  const ResNet model(spec(), 2, 0);
  try {
    load_state(model, state, "weights.pth", head);
  } catch (const Error& problem) {
    CHECK(problem.kind() == category::bad_input);
    return problem.what();
  }
  return "";
}

}  // namespace

TEST_CASE("fresh weights depend on the seed alone", "[engine][nn]") {
  const StateDict state = fresh_state(spec(), 2, 7);
  CHECK(same(state, fresh_state(spec(), 2, 7)));
  CHECK_FALSE(same(state, fresh_state(spec(), 2, 8)));
  const ResNet placed(spec(), 2, 7, {at::kCPU, at::MemoryFormat::ChannelsLast});
  CHECK(same(state, placed.state()));
}

TEST_CASE("fresh weights have the spread that torchvision gives them", "[engine][nn]") {
  const StateDict state = fresh_state(spec(), 2, 7);
  const at::Tensor& conv = *state.find("layer3.0.conv1.weight");  // 256 out, 3x3
  CHECK(conv.std().item<double>() == Approx(std::sqrt(2.0 / (256 * 9))).epsilon(0.01));
  CHECK(conv.mean().item<double>() == Approx(0).margin(1e-3));
  const at::Tensor& fc = *state.find("fc.weight");  // uniform within 1 / sqrt(512)
  CHECK(fc.abs().max().item<double>() <= 1 / std::sqrt(512.0));
  CHECK(fc.abs().mean().item<double>() == Approx(0.5 / std::sqrt(512.0)).epsilon(0.1));
  CHECK(state.find("layer1.0.bn1.weight")->equal(at::zeros({64}).fill_(1)));
  CHECK(state.find("layer1.0.bn1.bias")->equal(at::zeros({64})));
}

TEST_CASE("a frozen backbone leaves fc to be trained", "[engine][nn]") {
  ResNet model(spec(), 5, 0);
  CHECK(model.trainable().size() == 62);
  model.freeze_backbone();
  const std::vector<at::Tensor> trained = model.trainable();
  REQUIRE(trained.size() == 2);
  CHECK(trained[0].sizes() == at::IntArrayRef({5, 512}));
}

TEST_CASE("nothing of a frozen backbone is recorded for a backward pass", "[engine][nn]") {
  ResNet model(spec(), 2, 0);
  model.freeze_backbone();
  at::Tensor x = model.stem()(at::empty({2, 3, 64, 64}).normal_(), true);
  for (const Residual& block : model.blocks()) x = block(x, true);
  CHECK_FALSE(x.requires_grad());
  CHECK(model.fc()(x.mean({2, 3})).requires_grad());
}

TEST_CASE("gradients reach every parameter", "[engine][nn]") {
  const ResNet model(spec(), 3, 0);
  model.forward(at::empty({2, 3, 64, 64}).fill_(0.5).normal_()).sum().backward();
  for (const at::Tensor& parameter : model.trainable()) CHECK(parameter.grad().defined());
}

TEST_CASE("weights are loaded with their head, or without it", "[engine][nn]") {
  const ResNet source(spec(), 2, 1), whole(spec(), 2, 2);
  load_state(whole, source.state(), "a", Head::load);
  CHECK(same(whole.state(), source.state()));

  const ResNet fresh(spec(), 2, 3), backbone(spec(), 2, 3), thousand(spec(), 1000, 4);
  load_state(backbone, thousand.state(), "b", Head::keep_fresh);
  CHECK(backbone.state().find("fc.weight")->equal(*fresh.state().find("fc.weight")));
  CHECK(backbone.state().find("conv1.weight")->equal(*thousand.state().find("conv1.weight")));
}

TEST_CASE("weights that do not fit are refused by name", "[engine][nn]") {
  StateDict state = fresh_state(spec(), 2, 1);
  CHECK(refusal(state, Head::load).empty());

  StateDict missing = state;
  std::erase_if(missing.entries, [](const auto& entry) { return entry.first == "layer2.0.conv2.weight"; });
  CHECK_THAT(refusal(missing, Head::load), Catch::Contains("layer2.0.conv2.weight"));

  StateDict extra = state;
  extra.entries.emplace_back("layer9.conv.weight", at::zeros({1}));
  CHECK_THAT(refusal(extra, Head::keep_fresh), Catch::Contains("layer9.conv.weight"));

  StateDict reshaped = state;
  for (auto& [name, tensor] : reshaped.entries)
    if (name == "bn1.bias") tensor = at::zeros({32});
  CHECK_THAT(refusal(reshaped, Head::load), Catch::Contains("bn1.bias"));

  CHECK_THAT(refusal(fresh_state(spec(), 7, 1), Head::load), Catch::Contains("fc.weight"));
  CHECK(refusal(fresh_state(spec(), 7, 1), Head::keep_fresh).empty());
}

TEST_CASE("a copy of the state is deep, contiguous and can be renewed", "[engine][nn]") {
  const ResNet model(spec(), 2, 1, {at::kCPU, at::MemoryFormat::ChannelsLast});
  StateDict copy = copy_state(model);
  CHECK(same(copy, model.state()));
  CHECK(copy.find("conv1.weight")->is_contiguous());
  const at::NoGradGuard no_grad;
  model.state().find("conv1.weight")->add_(1);
  CHECK_FALSE(same(copy, model.state()));
  copy_state(model, copy);
  CHECK(same(copy, model.state()));
}
