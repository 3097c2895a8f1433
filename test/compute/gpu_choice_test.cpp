#include "compute/gpu_choice.hpp"

#include <catch2/catch.hpp>

#include "compute/lease.hpp"
#include "compute/workspace_fixture.hpp"

namespace amltrain {
namespace {

using Numbers = std::vector<int>;

const BusyGpus kBusyOne{{1, "process 7"}};

}  // namespace

TEST_CASE("the GPUs of a target are dealt out to its slots", "[compute]") {
  CHECK(gpus_of_slot({0, 1, 2, 3}, 0, 2) == Numbers{0, 1});
  CHECK(gpus_of_slot({0, 1, 2, 3}, 1, 2) == Numbers{2, 3});
  CHECK(gpus_of_slot({4, 6, 7}, 0, 2) == Numbers{4});
  CHECK(gpus_of_slot({4, 6, 7}, 1, 2) == Numbers{6, 7});
  CHECK(gpus_of_slot({0, 1, 2}, 0, 1) == Numbers{0, 1, 2});
  CHECK(gpus_of_slot({}, 3, 4).empty());
}

TEST_CASE("slots share GPUs only when there are fewer of them, and each GPU is some slot's", "[compute]") {
  for (int gpus = 1; gpus <= 9; ++gpus) {
    for (int slots = 1; slots <= 9; ++slots) {
      Numbers all, times(static_cast<std::size_t>(gpus));
      for (int gpu = 0; gpu < gpus; ++gpu) all.push_back(gpu);
      for (int slot = 0; slot < slots; ++slot) {
        const Numbers own = gpus_of_slot(all, slot, slots);
        CHECK_FALSE(own.empty());
        for (const int gpu : own) ++times.at(static_cast<std::size_t>(gpu));
      }
      for (const int count : times) CHECK((count >= 1 && (gpus < slots || count == 1)));
    }
  }
}

TEST_CASE("a run takes as many slots as it wants, with their GPUs, or none", "[compute]") {
  const SlotWish two{2, {0, 1, 2, 3}, false};
  CHECK(choose_slots(two, {1, 2, 3}, 4, {}).slots == Numbers{1, 2});
  CHECK(choose_slots(two, {1, 2, 3}, 4, {}).gpus == Numbers{1, 2});
  const SlotChoice none = choose_slots(two, {3}, 4, {});
  CHECK((none.slots.empty() && none.gpus.empty() && none.busy.empty()));
  CHECK(choose_slots({2, {}, false}, {0, 3}, 4, {}).slots == Numbers{0, 3});
}

TEST_CASE("a slot on whose GPU a stranger computes is passed over", "[compute]") {
  CHECK(choose_slots({1, {0, 1}, false}, {0, 1}, 2, {{0, "process 7"}}).slots == Numbers{1});
  CHECK(choose_slots({1, {0, 1}, false}, {1}, 2, kBusyOne).busy == "GPU 1 is used by process 7");
  CHECK(choose_slots({2, {0, 1}, false}, {0, 1}, 2, kBusyOne).slots.empty());
  CHECK(choose_slots({1, {}, false}, {1}, 2, kBusyOne).slots == Numbers{1});  // it uses no GPU
}

TEST_CASE("a slot of several GPUs does without a busy one, unless the target names them", "[compute]") {
  const SlotChoice rest = choose_slots({1, {0, 1, 2}, false}, {0}, 1, kBusyOne);
  CHECK(rest.slots == Numbers{0});
  CHECK(rest.gpus == Numbers{0, 2});
  CHECK(choose_slots({1, {0, 1, 2}, true}, {0}, 1, kBusyOne).busy == "GPU 1 is used by process 7");
  CHECK(choose_slots({1, {0, 2}, true}, {0}, 1, kBusyOne).gpus == Numbers{0, 2});
}

TEST_CASE("a GPU is busy with the first stranger on it", "[compute]") {
  const std::vector<GpuProcesses> use{{0, {}}, {1, {7}}, {2, {7, 999999999}}};
  CHECK(find_busy(use, [](pid_t pid) { return pid > 100; }) == BusyGpus{{2, "process 999999999"}});
}

TEST_CASE("GPUs of a run are busy for other targets of the machine as long as it holds its slot",
          "[compute]") {
  const test::TemporaryWorkspace at;
  const ComputeTarget left = ensure_compute(at.workspace, test::wanted_target("left")).target;
  const ComputeTarget right = ensure_compute(at.workspace, test::wanted_target("right", 2)).target;
  {
    const auto lease = Lease::try_take(at.workspace, right, {0, 1}, "a", {2, 3});
    CHECK(gpus_of_other_targets(at.workspace, left) ==
          BusyGpus{{2, "run a of 'right'"}, {3, "run a of 'right'"}});
    CHECK(gpus_of_other_targets(at.workspace, right).empty());
  }
  CHECK(gpus_of_other_targets(at.workspace, left).empty());
}

TEST_CASE("on a machine without a driver no GPU is busy", "[compute]") {
  if (GpuWatch().processes().empty()) CHECK(find_busy_gpus({}).empty());
}

}  // namespace amltrain
