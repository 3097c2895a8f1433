#include "compute/gpu_choice.hpp"

#include <catch2/catch.hpp>

namespace amltrain {
namespace {

ComputeTarget target_of(std::vector<int> gpus) {
  ComputeTarget target;
  target.gpus = std::move(gpus);
  return target;
}

/// Processes above 100 are strangers.
GpuChoice choose(const ComputeTarget& target, const std::vector<GpuUse>& use) {
  return choose_gpus(target, use, [](pid_t pid) { return pid > 100; });
}

using Gpus = std::vector<int>;

}  // namespace

TEST_CASE("a run takes what its target has when no stranger computes there", "[compute]") {
  CHECK(choose(target_of({}), {{0, {}}, {1, {7}}}).gpus.empty());  // all
  CHECK(choose(target_of({1}), {{0, {}}, {1, {7}}}).gpus == Gpus{1});
  CHECK(choose(target_of({}), {}).busy.empty());
}

TEST_CASE("a target that names no GPUs gives those without strangers", "[compute]") {
  const GpuChoice choice = choose(target_of({}), {{0, {999999999}}, {1, {7}}, {2, {}}});
  CHECK(choice.gpus == Gpus{1, 2});
  CHECK(choice.busy.empty());
}

TEST_CASE("a run waits when a stranger computes on each GPU, or on one that its target names", "[compute]") {
  CHECK(choose(target_of({}), {{0, {999999999}}}).busy == "GPU 0 is used by process 999999999");
  CHECK(choose(target_of({0, 1}), {{0, {}}, {1, {7, 999999999}}}).busy ==
        "GPU 1 is used by process 999999999");
  CHECK(choose(target_of({0}), {{0, {}}, {1, {999999999}}}).busy.empty());
}

TEST_CASE("on a machine without GPUs nothing is asked", "[compute]") {
  CHECK(choose_gpus(target_of({}), std::vector<std::string>{}).busy.empty());
}

}  // namespace amltrain
