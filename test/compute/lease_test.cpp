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
  CHECK(slot_holders(at.workspace, target) == Runs{"a", "b"});
  first.reset();
  CHECK(free_slots(at.workspace, target) == Slots{0});
  CHECK(slot_holders(at.workspace, target) == Runs{"b"});
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
  CHECK(slot_holders(at.workspace, target) == Runs{"the-name-of-a-longer-run", "a"});
  one = Lease::try_take(at.workspace, target, {2}, "c");
  CHECK_FALSE(one);
}

TEST_CASE("a shorter name of a run hides what the last holder wrote", "[compute]") {
  const TemporaryWorkspace at;
  const ComputeTarget target = ensure_compute(at.workspace, wanted_target("c")).target;
  { const auto before = Lease::try_take(at.workspace, target, {0}, "the-name-of-a-longer-run"); }
  const auto now = Lease::try_take(at.workspace, target, {0}, "b");
  CHECK(slot_holders(at.workspace, target) == Runs{"b"});
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
