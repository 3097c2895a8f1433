#include <catch2/catch.hpp>

#include "compute/lease.hpp"
#include "compute/workspace_fixture.hpp"
#include "support/error.hpp"
#include "support/errors.hpp"

namespace amltrain {
namespace {

using test::error_of;
using test::TemporaryWorkspace;
using test::wanted_target;

}  // namespace

TEST_CASE("a target is made once and then found with what it was made with", "[compute]") {
  const TemporaryWorkspace at;
  ComputeTarget wanted = wanted_target("cpu-cluster", 4);
  wanted.threads = 2;
  const ComputeCreated first = ensure_compute(at.workspace, wanted);
  CHECK(first.created);
  const ComputeCreated second = ensure_compute(at.workspace, wanted);
  CHECK_FALSE(second.created);
  CHECK(json(second.target) == json(first.target));
  CHECK(json(read_compute(at.workspace, "cpu-cluster")) == json(first.target));
  CHECK(first.target.inventory.cores >= 1);
}

TEST_CASE("another setting for a target that exists is a conflict that names the setting", "[compute]") {
  const TemporaryWorkspace at;
  ensure_compute(at.workspace, wanted_target("c", 1));
  const Error problem = error_of([&] { ensure_compute(at.workspace, wanted_target("c", 2)); });
  CHECK(problem.kind() == category::conflict);
  CHECK(std::string(problem.what()) == "compute target 'c' exists with max_nodes 1, not 2");
}

TEST_CASE("settings that can't be are refused and leave no target", "[compute]") {
  const TemporaryWorkspace at;
  ComputeTarget wanted = wanted_target("c");
  SECTION("an unknown kind") { wanted.kind = "kubernetes"; }
  SECTION("no node") { wanted.max_nodes = 0; }
  SECTION("negative threads") { wanted.threads = -1; }
  SECTION("a GPU that is not there") { wanted.gpus = {9999}; }
  SECTION("a name that leaves its folder") { wanted.name = "../c"; }
  CHECK(error_of([&] { ensure_compute(at.workspace, wanted); }).kind() == category::bad_input);
  CHECK(list_computes(at.workspace).empty());
}

TEST_CASE("a mistyped target gets the near name", "[compute]") {
  const TemporaryWorkspace at;
  ensure_compute(at.workspace, wanted_target("gpu-cluster"));
  const Error problem = error_of([&] { read_compute(at.workspace, "gpu-clustre"); });
  CHECK(problem.kind() == category::not_found);
  CHECK(test::contains(problem.what() + problem.hint(), "gpu-cluster'"));
}

TEST_CASE("targets are listed by name", "[compute]") {
  const TemporaryWorkspace at;
  for (const char* name : {"b", "a", "c"}) ensure_compute(at.workspace, wanted_target(name));
  std::string names;
  for (const ComputeTarget& target : list_computes(at.workspace)) names += target.name;
  CHECK(names == "abc");
}

TEST_CASE("a target is not deleted while a slot is held, and is gone after", "[compute]") {
  const TemporaryWorkspace at;
  const ComputeTarget target = ensure_compute(at.workspace, wanted_target("c", 2)).target;
  {
    const auto lease = Lease::try_take(at.workspace, target, {0});
    REQUIRE(lease);
    CHECK(error_of([&] { delete_compute(at.workspace, "c"); }).kind() == category::conflict);
    CHECK(slots_in_use(at.workspace, target) == 1);
  }
  delete_compute(at.workspace, "c");
  CHECK(list_computes(at.workspace).empty());
  CHECK_FALSE(Lease::try_take(at.workspace, target, {0}));
  CHECK(error_of([&] { delete_compute(at.workspace, "c"); }).kind() == category::not_found);
}

}  // namespace amltrain
