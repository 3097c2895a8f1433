#include "upkeep/gc.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "environment/store.hpp"
#include "support/sealed.hpp"
#include "upkeep/verify.hpp"
#include "whole_store.hpp"
#include "workspace/making.hpp"

using namespace amltrain;
using namespace amltrain::test;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> kinds(const Collection& freed) {
  std::vector<std::string> names;
  for (const Garbage& item : freed.items) names.push_back(item.kind);
  return names;
}

}  // namespace

TEST_CASE("what runs need is kept, and what only deleted runs needed is freed", "[upkeep]") {
  const WholeStore store;
  const RunId kept = store.completed("a"), deleted = store.completed("bb");
  CHECK(collect_garbage(store.workspace, false).items.empty());
  fs::remove_all(store.workspace.run_folder(deleted));
  const Collection planned = collect_garbage(store.workspace, true);
  CHECK(kinds(planned) == std::vector<std::string>{"snapshot", "content"});
  CHECK(planned.bytes() > 8);
  CHECK(store.workspace.snapshots().size() == 2);
  CHECK(json(collect_garbage(store.workspace, false)).at("items") == json(planned).at("items"));
  CHECK(store.workspace.snapshots().size() == 1);
  CHECK(entries_in(store.workspace.scratch_folder()) == 0);
  CHECK(verify_workspace(store.workspace, 1).faults.empty());
  CHECK(collect_garbage(store.workspace, false).items.empty());
}

TEST_CASE("what killed processes left is freed, and what is in use is not", "[upkeep]") {
  const WholeStore store;
  const fs::path tmp = store.workspace.scratch_folder();
  fs::create_directories(tmp / "run-birds_1" / "logs");
  write_plain(tmp / "run-birds_1" / "run.json", "{}");
  fs::create_directories(tmp / "data-insects");
  write_plain(tmp / "data-insects" / "archive.part", "part");
  write_plain(store.workspace.store() / "experiments" / ".amltrain-tmp-0123", "new");
  write_plain(store.workspace.store() / "experiments" / ".amltrain-tmp-4567", "old");
  fs::last_write_time(store.workspace.store() / "experiments" / ".amltrain-tmp-4567",
                      fs::file_time_type::clock::now() - 2h);
  {
    const auto fetching = FileLock::try_acquire(store.workspace.lock_file("data-insects"));
    CHECK(kinds(collect_garbage(store.workspace, true)) == std::vector<std::string>(2, "temporary"));
  }
  CHECK(collect_garbage(store.workspace, false).items.size() == 3);
  CHECK(entries_in(tmp) == 0);
  CHECK(fs::exists(store.workspace.store() / "experiments" / ".amltrain-tmp-0123"));
}

TEST_CASE("environments of runs and those that are being built are kept, others are freed", "[upkeep]") {
  const WholeStore store;
  const auto make = [&](const std::string& hash) {
    Environment made;
    made.sha256 = hash;
    made.folder = store.workspace.environment_folder(hash);
    write_below(made.folder / "bin" / "python", "");
    write_plain(store.workspace.environment_file(hash), sealed_text(made));
  };
  for (const char* hash : {"needed", "building", "left"}) make(hash);
  write_below(store.workspace.environment_folder("half") / "bin" / "python", "");
  RunDefinition definition;
  definition.experiment = "birds";
  definition.compute = "local";
  definition.job = json::object();
  RunWriter run = RunWriter::create(store.workspace, std::move(definition));
  Event event;
  event.state = State::failed;
  event.environment = "needed";
  run.record(std::move(event));
  const auto builder = try_lock_environment(store.workspace, "building");
  CHECK(verify_workspace(store.workspace, 1).faults.empty());
  CHECK(kinds(collect_garbage(store.workspace, false)) == std::vector<std::string>(3, "environment"));
  CHECK(store.workspace.environments() == std::vector<std::string>{"building", "needed"});
  CHECK(verify_workspace(store.workspace, 1).faults.empty());

  std::filesystem::rename(store.workspace.environment_file("building"),
                          store.workspace.environment_file("swapped"));
  CHECK(verify_workspace(store.workspace, 1).faults.size() == 1);
}

TEST_CASE("nothing is freed while a run can't be read", "[upkeep]") {
  const WholeStore store;
  const RunId damaged = store.completed("a"), deleted = store.completed("b");
  fs::remove_all(store.workspace.run_folder(deleted));
  write_plain(RunPaths(store.workspace, damaged).definition(), "{");
  const Error problem = error_of([&] { collect_garbage(store.workspace, false); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), damaged));
  CHECK(store.workspace.snapshots().size() == 2);
}

TEST_CASE("makers wait for a gc, and a gc for makers", "[upkeep]") {
  const WholeStore store;
  const FileLock one = hold_off_gc(store.workspace), two = hold_off_gc(store.workspace);
  CHECK(error_of([&] { lock_for_gc(store.workspace, 1ms); }).kind() == category::conflict);
}

TEST_CASE("sources stored while a gc frees them stay whole", "[upkeep]") {
  const WholeStore store;
  std::atomic<bool> done{false};
  std::thread collector([&] {
    while (!done) collect_garbage(store.workspace, false);
  });
  for (int i = 0; i < 40; ++i) {
    const FileLock unnamed = hold_off_gc(store.workspace);
    // Every other run has the source of one that was deleted.
    const RunId id = store.completed(i % 4 < 2 ? "a" : "b");
    if (i % 2 == 0) fs::remove_all(store.workspace.run_folder(id));
  }
  done = true;
  collector.join();
  CHECK(verify_workspace(store.workspace, 2).faults.empty());
}
