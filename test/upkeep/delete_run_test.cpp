#include "upkeep/delete_run.hpp"

#include <catch2/catch.hpp>

#include "whole_store.hpp"

using namespace amltrain;
using namespace amltrain::test;

TEST_CASE("a deleted run is gone, and what was registered from it stays", "[upkeep]") {
  const WholeStore store;
  const RunId id = store.completed();
  store.register_run(id);
  delete_run(store.workspace, id);
  CHECK(store.workspace.runs().empty());
  CHECK(entries_in(store.workspace.scratch_folder()) == 0);
  CHECK(verify_model(store.workspace, read_model(store.workspace, {"m", {}})).empty());
  CHECK(error_of([&] { delete_run(store.workspace, id); }).kind() == category::not_found);
}

TEST_CASE("a run that goes on is not deleted", "[upkeep]") {
  const WholeStore store;
  const RunWriter living = store.start();
  CHECK(error_of([&] { delete_run(store.workspace, living.definition().id); }).kind() == category::conflict);
  CHECK(store.workspace.runs().size() == 1);
}

TEST_CASE("a run that can't be read is deleted, unless somebody writes to it", "[upkeep]") {
  const WholeStore store;
  const RunId damaged = store.completed();
  write_plain(RunPaths(store.workspace, damaged).definition(), "{");
  delete_run(store.workspace, damaged);
  CHECK(store.workspace.runs().empty());
  const RunWriter living = store.start();
  write_plain(living.paths().definition(), "{");
  CHECK(error_of([&] { delete_run(store.workspace, living.definition().id); }).kind() == category::conflict);
}
