#include "history/event_log.hpp"

#include <catch2/catch.hpp>

#include "store.hpp"
#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

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

TEST_CASE("a line that a crash cut short is none of a fault once the next append has ended it", "[history]") {
  const EndedRun run;
  const std::size_t second = run.text.find('\n') + 1;
  CHECK(run.with(run.text.substr(0, second) + "{\"time\":\"20\n" + run.text.substr(second)).faults.empty());
  const EventLog last = run.with(run.text + "{\"time\":\"20");
  CHECK(last.torn);
  CHECK(last.faults.empty());
  CHECK(EndedRun::is_damaged(run.with(run.text + "{\"time\":\"20\n")));
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
