#include <fcntl.h>

#include <catch2/catch.hpp>

#include "store.hpp"
#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

TEST_CASE("a new run is whole and locked when it is visible", "[history]") {
  const Store store;
  const RunWriter writer = store.start("birds", parse_iso8601("2026-11-24T09:30:00.5Z"));
  const RunId id = writer.definition().id;
  CHECK(id.starts_with("birds_1795512600_"));
  CHECK(id.size() == std::string("birds_1795512600_").size() + 8);
  const RunPaths& paths = writer.paths();
  CHECK(json(read_definition(paths)) == json(writer.definition()));
  REQUIRE(read_events(paths).size() == 1);
  CHECK(read_events(paths)[0].state == State::not_started);
  CHECK(std::filesystem::is_directory(paths.logs()));
  CHECK(std::filesystem::is_directory(paths.outputs()));
  CHECK(FileLock::is_held(paths.lock()));
  CHECK_FALSE(RunWriter::try_open(store.workspace, id));
  CHECK(entries_in(store.workspace.scratch_folder()) == 0);
}

TEST_CASE("a run with a taken id is refused and leaves nothing", "[history]") {
  const Store store;
  const RunWriter writer = store.start();
  const Error problem = error_of([&] { RunWriter::create(store.workspace, writer.definition()); });
  CHECK(problem.kind() == category::conflict);
  CHECK(entries_in(store.workspace.scratch_folder()) == 0);
  CHECK(store.workspace.runs().size() == 1);
}

TEST_CASE("a writer refuses a state that may not follow", "[history]") {
  const Store store;
  RunWriter writer = store.start();
  CHECK(error_of([&] { writer.record(Store::event(State::running)); }).kind() == category::internal);
  writer.record(Store::event(State::queued));
  CHECK(writer.state() == State::queued);
  CHECK(read_events(writer.paths()).size() == 2);
  CHECK(read_events(writer.paths())[1].time > Time{});
}

TEST_CASE("a supervisor goes on with the lock it inherited", "[history]") {
  const Store store;
  std::optional<RunWriter> submitter = store.start();
  const RunId id = submitter->definition().id;
  const int inherited = fcntl(submitter->lock().fd(), F_DUPFD, 3);
  submitter.reset();
  RunWriter supervisor = RunWriter::resume(store.workspace, id, FileLock::adopt(inherited));
  CHECK(supervisor.state() == State::not_started);
  supervisor.record(Store::event(State::queued));
  CHECK(read_run(store.workspace, id, Detail::state).state == State::queued);
}

TEST_CASE("a supervisor's torn last event does not spoil the next one", "[history]") {
  const Store store;
  std::optional<RunWriter> writer = store.start();
  const RunPaths paths = writer->paths();
  const RunId id = writer->definition().id;
  writer->record(Store::event(State::queued));
  writer.reset();
  write_plain(paths.events(), read_plain(paths.events()) + R"({"time":"2026-11-)");
  CHECK(read_run(store.workspace, id, Detail::state).state == State::failed);
  const auto events = read_events(paths);
  REQUIRE(events.size() == 3);
  CHECK(events[2].state == State::failed);
}
