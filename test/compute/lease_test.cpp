#include <catch2/catch.hpp>

#include "compute/workspace_fixture.hpp"
#include "support/children.hpp"

namespace amltrain {
namespace {

using test::TemporaryWorkspace;
using test::wanted_target;

}  // namespace

TEST_CASE("a target has as many slots as nodes", "[compute]") {
  const TemporaryWorkspace at;
  const ComputeTarget target = ensure_compute(at.workspace, wanted_target("c", 2)).target;
  CHECK(slots_in_use(at.workspace, target) == 0);
  auto first = Lease::try_take(at.workspace, target, {0});
  const auto second = Lease::try_take(at.workspace, target, {0});
  REQUIRE((first && second));
  CHECK(first->slot() != second->slot());
  CHECK_FALSE(Lease::try_take(at.workspace, target, {0}));
  CHECK(slots_in_use(at.workspace, target) == 2);
  const int freed = first->slot();
  first.reset();
  CHECK(Lease::try_take(at.workspace, target, {0})->slot() == freed);
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
