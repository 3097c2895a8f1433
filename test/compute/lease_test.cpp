#include "compute/lease.hpp"

#include <catch2/catch.hpp>

#include "compute/workspace_fixture.hpp"
#include "support/children.hpp"

namespace amltrain {
namespace {

using test::TemporaryWorkspace;
using test::wanted_target;
using Slots = std::vector<int>;
using Runs = std::vector<std::string>;

Runs holders_of(const TemporaryWorkspace& at, const ComputeTarget& target) {
  Runs runs;
  for (const SlotHolder& holder : slot_holders(at.workspace, target)) runs.push_back(holder.run);
  return runs;
}

}  // namespace

TEST_CASE("a target has as many slots as nodes", "[compute]") {
  const TemporaryWorkspace at;
  const ComputeTarget target = ensure_compute(at.workspace, wanted_target("c", 2)).target;
  CHECK(free_slots(at.workspace, target) == Slots{0, 1});
  auto first = Lease::try_take(at.workspace, target, {0}, "a");
  const auto second = Lease::try_take(at.workspace, target, {1}, "b");
  REQUIRE((first && second));
  CHECK_FALSE(Lease::try_take(at.workspace, target, {0}));
  CHECK(slots_in_use(at.workspace, target) == 2);
  CHECK(holders_of(at, target) == Runs{"a", "b"});
  first.reset();
  CHECK(free_slots(at.workspace, target) == Slots{0});
  CHECK(holders_of(at, target) == Runs{"b"});
}

TEST_CASE("several slots are taken together or not at all", "[compute]") {
  const TemporaryWorkspace at;
  const ComputeTarget target = ensure_compute(at.workspace, wanted_target("c", 4)).target;
  auto one = Lease::try_take(at.workspace, target, {2}, "a");
  CHECK_FALSE(Lease::try_take(at.workspace, target, {1, 2, 3}, "b"));
  CHECK(free_slots(at.workspace, target) == Slots{0, 1, 3});
  const auto three = Lease::try_take(at.workspace, target, {0, 1, 3}, "the-name-of-a-longer-run");
  REQUIRE(three);
  CHECK(three->slots() == Slots{0, 1, 3});
  CHECK(three->fds().size() == 3);
  CHECK(holders_of(at, target) == Runs{"the-name-of-a-longer-run", "a"});
  one = Lease::try_take(at.workspace, target, {2}, "c");
  CHECK_FALSE(one);
}

TEST_CASE("a shorter name of a run hides what the last holder wrote", "[compute]") {
  const TemporaryWorkspace at;
  const ComputeTarget target = ensure_compute(at.workspace, wanted_target("c")).target;
  { const auto before = Lease::try_take(at.workspace, target, {0}, "the-name-of-a-longer-run"); }
  const auto now = Lease::try_take(at.workspace, target, {0}, "b");
  CHECK(holders_of(at, target) == Runs{"b"});
}

TEST_CASE("a slot tells the GPUs of who holds it now, and who had it before", "[compute]") {
  const TemporaryWorkspace at;
  const ComputeTarget target = ensure_compute(at.workspace, wanted_target("c")).target;
  const auto gpus_now = [&] { return slot_holders(at.workspace, target).at(0).gpus; };
  {
    const auto lease = Lease::try_take(at.workspace, target, {0}, "a", {0, 11, 12});
    CHECK(gpus_now() == Slots{0, 11, 12});
    CHECK(lease->previous_holders().empty());
  }
  {
    const auto lease = Lease::try_take(at.workspace, target, {0}, "b");
    CHECK(gpus_now().empty());
    CHECK(lease->previous_holders() == Runs{"a"});
  }
  const auto lease = Lease::try_take(at.workspace, target, {0}, "c", {7});
  CHECK(gpus_now() == Slots{7});
}

TEST_CASE("what a killed holder left half written, or anybody else there, is no holder", "[compute]") {
  const TemporaryWorkspace at;
  const ComputeTarget target = ensure_compute(at.workspace, wanted_target("c")).target;
  for (const std::string text : {"", "\n", "../..\n0,\n", "run", "run\n0,1", "run\n99999999999,\n"}) {
    test::write_plain(at.workspace.lease_folder("c") / "slot-0.lock", text);
    const auto lock = FileLock::try_acquire(at.workspace.lease_folder("c") / "slot-0.lock");
    const auto holders = slot_holders(at.workspace, target);
    CHECK(holders.size() == (text.starts_with("run") ? 1 : 0));
    if (!holders.empty()) CHECK(holders[0].gpus.size() <= 1);
  }
}

TEST_CASE("a slot is free as soon as its holder was killed", "[compute]") {
  const TemporaryWorkspace at;
  const ComputeTarget target = ensure_compute(at.workspace, wanted_target("c")).target;
  test::Child holder([&](int pipe) {
    static std::optional<Lease> held;  // until the kill
    held = Lease::try_take(at.workspace, target, {0});
    const char answer = held ? 'y' : 'n';
    if (write(pipe, &answer, 1) != 1) _exit(1);
  });
  REQUIRE(holder.message() == "y");
  CHECK_FALSE(Lease::try_take(at.workspace, target, {0}));
  holder.kill_now();
  CHECK(Lease::try_take(at.workspace, target, {0}));
}

}  // namespace amltrain
