#include "history/run_notes.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "store.hpp"
#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

TEST_CASE("tags and notes are shown with the run, whose definition stays as it was", "[history]") {
  const Store store;
  const RunId id = store.finished();
  const RunPaths paths(store.workspace, id);
  const std::string definition = read_plain(paths.definition());
  CHECK(read_notes(paths).notes.empty());
  change_notes(paths, [](RunNotes& notes) {
    notes.tags["quality"] = "good";
    notes.tags["gone"] = std::nullopt;
    notes.notes.push_back({parse_iso8601("2026-11-25T10:00:00Z"), "a word"});
  });
  const RunRecord run = read_run(store.workspace, id);
  CHECK(run.definition.tags == std::map<std::string, std::string>{{"quality", "good"}});
  REQUIRE(run.notes.size() == 1);
  CHECK(json(run).at("notes").at(0) == json{{"time", "2026-11-25T10:00:00.000Z"}, {"text", "a word"}});
  CHECK(read_plain(paths.definition()) == definition);
}

TEST_CASE("a tag of the definition can be changed and taken away", "[history]") {
  RunNotes notes;
  notes.tags = {{"a", "2"}, {"b", std::nullopt}};
  CHECK(notes.apply({{"a", "1"}, {"b", "1"}, {"c", "1"}}) ==
        std::map<std::string, std::string>{{"a", "2"}, {"c", "1"}});
}

TEST_CASE("of many changes at once none is lost", "[history]") {
  const Store store;
  const RunPaths paths(store.workspace, store.finished());
  constexpr int kThreads = 8, kChanges = 20;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kChanges; ++i)
        change_notes(paths, [&](RunNotes& notes) {
          notes.tags[std::to_string(thread) + "-" + std::to_string(i)] = "x";
          notes.notes.push_back({now(), "x"});
        });
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(read_notes(paths).tags.size() == kThreads * kChanges);
  CHECK(read_notes(paths).notes.size() == kThreads * kChanges);
}

TEST_CASE("notes of another run or that are damaged are refused, and not written over", "[history]") {
  const Store store;
  const RunPaths one(store.workspace, store.finished()), two(store.workspace, store.finished());
  change_notes(one, [](RunNotes& notes) { notes.archived = true; });
  std::string text = read_plain(one.notes());
  if (GENERATE(true, false)) text[text.find("archived")] = 'A';
  write_plain(two.notes(), text);
  CHECK(error_of([&] { read_run(store.workspace, two.id()); }).kind() == category::bad_input);
  CHECK(error_of([&] { change_notes(two, [](RunNotes&) {}); }).kind() == category::bad_input);
  CHECK(read_plain(two.notes()) == text);
}

TEST_CASE("archived runs are listed when they are asked for", "[history]") {
  const Store store;
  const RunId id = store.finished();
  change_notes(RunPaths(store.workspace, id), [](RunNotes& notes) { notes.archived = true; });
  CHECK(list_runs(store.workspace, {}).empty());
  RunFilter filter;
  filter.archived = true;
  CHECK(list_runs(store.workspace, filter).size() == 1);
}
