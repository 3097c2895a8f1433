#include "engine/exchange/match.hpp"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "engine/exchange/formats.hpp"
#include "engine/nn/shapes.hpp"
#include "support/errors.hpp"

namespace amltrain::engine {
namespace {

using namespace test;

StateDict blank_state(const std::string& arch, std::int64_t classes) {
  StateDict state;
  for (const auto& [name, shape] : parameter_shapes(find_resnet_spec(arch), classes))
    state.entries.emplace_back(name, at::empty(shape, is_batch_counter(name) ? at::kLong : at::kFloat));
  return state;
}

std::string complaint(const StateDict& state, const std::string& arch) {
  return error_of([&] { check_matches(state, find_resnet_spec(arch), 2, "model.pt"); }).what();
}

at::Tensor& at_name(StateDict& state, const std::string& name) {
  return std::ranges::find(state.entries, name, &std::pair<std::string, at::Tensor>::first)->second;
}

TEST_CASE("every architecture is known by its own tensors", "[engine][exchange]") {
  for (const ResNetSpec& spec : resnet_specs()) {
    const StateDict state = blank_state(spec.name, 3);
    CHECK(infer_spec(state, "model.pt").name == spec.name);
    CHECK_NOTHROW(check_matches(state, spec, 3, "model.pt"));
  }
}

TEST_CASE("files from before torch 0.4.1, without batch counters, match", "[engine][exchange]") {
  StateDict state = blank_state("resnet18", 2);
  std::erase_if(state.entries, [](const auto& entry) { return is_batch_counter(entry.first); });
  CHECK(state.entries.size() == 102);
  CHECK_NOTHROW(check_matches(state, find_resnet_spec("resnet18"), 2, "model.pt"));
  CHECK(infer_spec(state, "model.pt").name == "resnet18");
}

TEST_CASE("the first tensor that does not fit is named", "[engine][exchange]") {
  const StateDict good = blank_state("resnet18", 2);
  StateDict state = good;
  state.entries.erase(state.entries.begin() + 1);
  CHECK_THAT(complaint(state, "resnet18"), Catch::Contains("'bn1.weight' is missing"));
  state = good;
  state.entries.emplace_back("extra", at::empty({1}));
  CHECK_THAT(complaint(state, "resnet18"), Catch::Contains("'extra' is none of its tensors"));
  state = good;
  at_name(state, "layer2.0.conv1.weight") = at::empty({128, 64, 1, 1});
  CHECK_THAT(complaint(state, "resnet18"),
             Catch::Contains("'layer2.0.conv1.weight' is [128, 64, 1, 1], not [128, 64, 3, 3]"));
  CHECK_THAT(error_of([&] { infer_spec(state, "model.pt"); }).what(),
             Catch::Contains("for resnet18, the nearest, 'layer2.0.conv1.weight' is"));
  state = good;
  at_name(state, "fc.bias") = at::empty({2}, at::kHalf);
  CHECK_THAT(complaint(state, "resnet18"), Catch::Contains("'fc.bias' has elements of type Half, not Float"));
  CHECK_THAT(complaint(good, "resnet34"),
             Catch::Contains("is not a resnet34 of 2 classes: 'layer1.2.conv1.weight'"));
}

TEST_CASE("a state dict without fc.weight is no ResNet", "[engine][exchange]") {
  const StateDict state = {{{"classifier.weight", at::empty({2, 3})}}};
  CHECK_THAT(error_of([&] { infer_spec(state, "model.pt"); }).what(), Catch::Contains("no 'fc.weight'"));
}

}  // namespace
}  // namespace amltrain::engine
