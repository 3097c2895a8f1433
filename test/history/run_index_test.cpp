#include "history/run_index.hpp"

#include <catch2/catch.hpp>

#include "store.hpp"
#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

struct Indexed {
  Store store;
  Fd runs = open_folder(store.workspace.runs_folder());

  FolderStamp stamp(const RunId& id) const { return *stamp_of_run(runs.get(), id); }
  /// As if the folder had been left alone for an hour.
  FolderStamp old_stamp(const RunId& id) const {
    FolderStamp made = stamp(id);
    made.modified -= 3'600'000'000'000;
    made.changed -= 3'600'000'000'000;
    return made;
  }
  /// Enough runs for an index, each in it under its old stamp.
  std::vector<RunId> fill(int count = 64) const {
    RunIndex index(store.workspace);
    for (int i = 0; i < count; ++i) {
      const RunId id = store.finished("birds", now() - std::chrono::seconds(i));
      index.add(row_of(read_run(store.workspace, id)), old_stamp(id));
    }
    index.save(store.workspace.runs());
    return store.workspace.runs();
  }
  std::optional<RunRow> find(const RunId& id) const {
    RunRow row;
    return RunIndex(store.workspace).find(id, old_stamp(id), row) ? std::optional(std::move(row))
                                                                  : std::nullopt;
  }
};

}  // namespace

TEST_CASE("a row of the index says what a list says of the run", "[history]") {
  const Indexed indexed;
  const RunId id = indexed.fill().front();
  const auto row = indexed.find(id);
  REQUIRE(row);
  const RunRecord run = read_run(indexed.store.workspace, id);
  CHECK(row->id == id);
  CHECK(row->experiment == run.definition.experiment);
  CHECK(row->compute == run.definition.compute);
  CHECK(row->submitted_at == run.definition.submitted_at);
  CHECK(row->started_at == run.started_at);
  CHECK(row->ended_at == run.ended_at);
  CHECK(row->state == State::completed);
  CHECK_FALSE(row->archived);
}

TEST_CASE("tags come back whatever they hold", "[history]") {
  const Indexed indexed;
  indexed.fill(63);
  const RunId id = indexed.store.finished();
  RunRecord run = read_run(indexed.store.workspace, id);
  run.definition.tags = {{"a\tb", "c\nd"}, {"\\", "\\t"}, {"", ""}};
  run.archived = true;
  RunIndex index(indexed.store.workspace);
  for (const RunId& each : indexed.store.workspace.runs())
    index.add(row_of(each == id ? run : read_run(indexed.store.workspace, each)), indexed.old_stamp(each));
  index.save(indexed.store.workspace.runs());
  const auto row = indexed.find(id);
  REQUIRE(row);
  CHECK(row->tags == run.definition.tags);
  CHECK(row->archived);
}

TEST_CASE("a row does not count once its folder has changed", "[history]") {
  const Indexed indexed;
  const RunId id = indexed.fill().front();
  const RunIndex index(indexed.store.workspace);
  FolderStamp stamp = indexed.old_stamp(id);
  RunRow row;
  CHECK(index.find(id, stamp, row));
  SECTION("its inode") { ++stamp.inode; }
  SECTION("its modification") { ++stamp.modified; }
  SECTION("its change") { --stamp.changed; }
  CHECK_FALSE(index.find(id, stamp, row));
  CHECK_FALSE(index.find("birds_1_00000000", stamp, row));
}

TEST_CASE("a tag, a note and an archived run change the stamp of their folder", "[history]") {
  const Indexed indexed;
  const RunId id = indexed.store.finished();
  const FolderStamp before = indexed.stamp(id);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  // A clock that ticks slowly gives the same time for a while: which is why young folders get no row.
  while (indexed.stamp(id) == before && std::chrono::steady_clock::now() < deadline)
    change_notes(RunPaths(indexed.store.workspace, id), [](RunNotes& notes) { notes.archived = true; });
  CHECK_FALSE(indexed.stamp(id) == before);
}

TEST_CASE("a folder that was changed just now gets no row, nor does a run that goes on", "[history]") {
  const Indexed indexed;
  const RunWriter living = indexed.store.start();
  RunIndex index(indexed.store.workspace);
  for (int i = 0; i < 70; ++i) {
    const RunId id = indexed.store.finished();
    index.add(row_of(read_run(indexed.store.workspace, id)), indexed.stamp(id));
  }
  index.add(row_of(read_run(indexed.store.workspace, living.definition().id)), FolderStamp{});
  index.save(indexed.store.workspace.runs());
  CHECK_FALSE(std::filesystem::exists(indexed.store.workspace.run_index_file()));
}

TEST_CASE("a damaged index is none", "[history]") {
  const Indexed indexed;
  const RunId id = indexed.fill().front();
  const std::filesystem::path file = indexed.store.workspace.run_index_file();
  const std::string whole = read_plain(file);
  for (std::size_t at = 0; at < whole.size(); at += 101) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    write_plain(file, changed);
    REQUIRE_FALSE(indexed.find(id));
  }
  write_plain(file, whole.substr(0, whole.size() / 2));
  CHECK_FALSE(indexed.find(id));
}

TEST_CASE("a list is the same with an index and without, and writes one", "[history]") {
  const Indexed indexed;
  indexed.fill(80);
  const RunWriter living = indexed.store.start();
  // All rows are of another stamp, and so read anew.
  const auto rows = [&] {
    std::vector<RunId> found;
    for (const RunRow& row : list_rows(indexed.store.workspace, {})) found.push_back(row.id);
    return found;
  };
  const auto with = rows();
  CHECK(with.size() == 81);
  std::filesystem::remove(indexed.store.workspace.run_index_file());
  CHECK(rows() == with);
  std::vector<RunId> recorded;
  for (const RunRecord& run : list_runs(indexed.store.workspace, {})) recorded.push_back(run.definition.id);
  CHECK(recorded == with);
}
