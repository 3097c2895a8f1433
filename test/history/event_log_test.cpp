#include "history/event_log.hpp"

#include <catch2/catch.hpp>

#include "store.hpp"
#include "support/errors.hpp"
#include "support/faults.hpp"
#include "support/process.hpp"
#include "support/sealed.hpp"

using namespace amltrain;
using namespace amltrain::test;
using namespace std::string_literals;

namespace {

struct EndedRun {
  Store store;
  RunId id = store.finished();
  RunPaths paths{store.workspace, id};
  std::string text = read_plain(paths.events());

  EventLog with(const std::string& changed) const {
    write_plain(paths.events(), changed);
    return read_event_log(paths.events(), id);
  }
  static bool is_damaged(const EventLog& log) {
    return std::any_of(log.faults.begin(), log.faults.end(), [](const auto& fault) { return fault.damaged; });
  }
};

}  // namespace

TEST_CASE("the events of a run prove themselves", "[history]") {
  const EndedRun run;
  const EventLog log = read_event_log(run.paths.events(), run.id);
  CHECK(log.events.size() == 6);
  CHECK(log.faults.empty());
  CHECK_FALSE(log.torn);
  CHECK(log.last == log.events.back().at("sha256"));
}

TEST_CASE("no bit of a run's events can flip unnoticed", "[history]") {
  const EndedRun run;
  for (std::size_t bit = 0; bit < run.text.size() * 8; ++bit) {
    std::string changed = run.text;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    const EventLog log = run.with(changed);
    REQUIRE((!log.faults.empty() || log.torn));
  }
}

TEST_CASE("events that were lost, moved, or are another run's are found", "[history]") {
  const EndedRun run;
  const std::size_t second = run.text.find('\n') + 1, third = run.text.find('\n', second) + 1;
  const std::string first_line = run.text.substr(0, second);
  CHECK(EndedRun::is_damaged(run.with(run.text.substr(second))));
  CHECK(EndedRun::is_damaged(run.with(first_line + run.text.substr(third))));
  CHECK(EndedRun::is_damaged(
      run.with(run.text.substr(second, third - second) + first_line + run.text.substr(third))));
  const RunId other = run.store.finished();
  const EventLog swapped = run.with(read_plain(RunPaths(run.store.workspace, other).events()));
  REQUIRE(swapped.faults.size() == 1);
  CHECK(swapped.faults[0].line == 1);
}

TEST_CASE("a line that a crash cut short counts for nothing, and the next one takes its place", "[history]") {
  const EndedRun run;
  const EventLog log = run.with(run.text + "{\"time\":\"20");
  CHECK(log.torn);
  CHECK(log.faults.empty());
  CHECK(log.size == run.text.size());
  append_event(run.paths.events(), run.id, {{"state", "Completed"}});
  CHECK(read_event_log(run.paths.events(), run.id).faults.empty());
  CHECK(EndedRun::is_damaged(run.with(run.text + "{\"time\":\"20\n")));
}

TEST_CASE("an event that can be neither synced nor taken back is not read, and the next one replaces it",
          "[history]") {
  const Store store;
  RunWriter writer = store.start();
  {
    const FailingFsync fault(1, EIO);
    const FailingCuts more;
    error_of([&] { writer.record(Store::event(State::canceled)); });
  }
  CHECK(contains(read_plain(writer.paths().events()), "Canceled"));
  CHECK(read_recorded(writer.paths()).state == State::not_started);
  writer.record(Store::event(State::queued));
  CHECK(read_recorded(writer.paths()).state == State::queued);
  CHECK_FALSE(contains(read_plain(writer.paths().events()), "Canceled"));
}

TEST_CASE("an event whose end a power cut took is counted after the reboot", "[history]") {
  const Store store;
  const RunWriter writer = store.start();
  const auto file = writer.paths().events();
  const RunId id = writer.definition().id;
  const std::string first = read_plain(file);
  const std::string hash = read_event_log(file, id).last;
  const bool rebooted = GENERATE(true, false);
  // Of the next line a part may have got to the disk before the end of this one did.
  const std::string behind = GENERATE(""s, "\0{\"state\": \"Prep"s, "\0\0\0\"}"s);
  write_plain(
      file, first + chained_line({{"state", "Queued"}, {"boot_id", rebooted ? "another" : boot_id()}}, hash) +
                behind);
  const EventLog log = read_event_log(file, id);
  CHECK(log.events.size() == (rebooted ? 2 : 1));
  CHECK(log.unended == rebooted);
  CHECK(log.torn == (!rebooted || !behind.empty()));
  append_event(file, id, {{"state", "Preparing"}});
  const EventLog next = read_event_log(file, id);
  CHECK(next.events.size() == (rebooted ? 3 : 2));
  CHECK(next.faults.empty());
}

TEST_CASE("a run whose events are damaged, another run's or gone is not taken for one that was lost",
          "[history]") {
  const EndedRun run;
  const std::string damage = GENERATE("flipped", "emptied", "swapped", "gone");
  std::string text = run.text;
  if (damage == "flipped") text[text.size() - 100] ^= 1;
  if (damage == "emptied") text.clear();
  if (damage == "swapped") text = read_plain(RunPaths(run.store.workspace, run.store.finished()).events());
  write_plain(run.paths.events(), text);
  if (damage == "gone") std::filesystem::remove(run.paths.events());
  error_of([&] { read_run(run.store.workspace, run.id); });
  CHECK((damage == "gone" || read_plain(run.paths.events()) == text));
  CHECK(std::filesystem::exists(run.paths.events()) == (damage != "gone"));
}

TEST_CASE("a definition that is another run's is refused", "[history]") {
  const EndedRun run;
  const RunId other = run.store.finished();
  write_plain(run.paths.definition(), read_plain(RunPaths(run.store.workspace, other).definition()));
  const Error problem = error_of([&] { read_run(run.store.workspace, run.id); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "is of run " + other));
}
