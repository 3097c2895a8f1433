#include <catch2/catch.hpp>

#include "store.hpp"
#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;
using namespace std::chrono_literals;

namespace {

std::vector<RunId> ids(const Store& store, const RunFilter& filter) {
  std::vector<RunId> found;
  for (const RunRecord& run : list_runs(store.workspace, filter)) found.push_back(run.definition.id);
  return found;
}

RunFilter with(void (*set)(RunFilter&)) {
  RunFilter filter;
  set(filter);
  return filter;
}

/// A finished run that measured these values of `metric`, in order.
RunId measured(const Store& store, Time time, const std::string& metric, const std::vector<double>& values) {
  RunWriter writer = store.start("birds", time);
  for (const double value : values)
    append_metric(writer.paths().metrics(), {now(), metric, value, {}, {}, 0});
  writer.record(Store::event(State::failed));
  return writer.definition().id;
}

}  // namespace

TEST_CASE("runs are listed newest first and limited", "[history]") {
  const Store store;
  CHECK(ids(store, {}).empty());
  const Time time = now();
  const RunId middle = store.finished("a", time - 5s), oldest = store.finished("b", time - 9s),
              newest = store.finished("c", time - 1s);
  CHECK(ids(store, {}) == std::vector{newest, middle, oldest});
  CHECK(ids(store, with([](RunFilter& filter) { filter.limit = 2; })) == std::vector{newest, middle});
}

TEST_CASE("runs are filtered by state, experiment, compute and tags", "[history]") {
  const Store store;
  const RunId done = store.finished("birds", now() - 2s);
  RunDefinition definition;
  definition.experiment = "ants";
  definition.compute = "big";
  definition.job = json::object();
  definition.tags = {{"team", "a"}, {"kind", "b"}};
  const RunWriter living = RunWriter::create(store.workspace, definition);
  const RunId open = living.definition().id;
  CHECK(ids(store, with([](RunFilter& f) {
              f.states = {State::not_started, State::failed};
            })) == std::vector{open});
  CHECK(ids(store, with([](RunFilter& f) { f.experiment = "birds"; })) == std::vector{done});
  CHECK(ids(store, with([](RunFilter& f) { f.compute = "big"; })) == std::vector{open});
  CHECK(ids(store, with([](RunFilter& f) { f.tags = {{"team", "a"}}; })) == std::vector{open});
  CHECK(ids(store, with([](RunFilter& f) { f.tags = {{"team", "a"}, {"kind", "c"}}; })).empty());
}

TEST_CASE("sorting by a metric puts the best run first and those without it last", "[history]") {
  const Store store;
  const Time time = now();
  const RunId low = measured(store, time - 4s, "val_acc", {0.2, 0.6, 0.1});
  const RunId high = measured(store, time - 3s, "val_acc", {0.9, 0.1});
  const RunId without = store.finished("birds", time - 2s);
  const RunId loss = measured(store, time - 1s, "val_loss", {0.5});
  const RunId less = measured(store, time, "val_loss", {0.9, 0.3});
  CHECK(ids(store, with([](RunFilter& f) { f.sort_metric = "val_acc"; })) ==
        std::vector{high, low, less, loss, without});
  CHECK(ids(store, with([](RunFilter& f) { f.metric = f.sort_metric = "val_loss"; })) ==
        std::vector{less, loss});
  const auto listed = list_runs(store.workspace, with([](RunFilter& f) { f.metric = "val_acc"; }));
  REQUIRE(listed.size() == 2);
  CHECK(listed[0].summary.metrics.best.at("val_acc").value == 0.9);
}

TEST_CASE("a damaged run is shown as failed and does not hide the others", "[history]") {
  const Store store;
  const RunId whole = store.finished("birds", parse_iso8601("2026-11-24T10:00:00Z"));
  const RunId damaged = store.finished("my_birds", parse_iso8601("2026-11-24T09:00:00Z"));
  const RunPaths paths(store.workspace, damaged);
  const std::string content = GENERATE(as<std::string>(), "", "{\"schema\": \"amltrain.run/9\"}", "{ cut");
  write_plain(paths.definition(), content);
  const auto runs = list_runs(store.workspace, {});
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].definition.id == whole);
  CHECK(runs[1].definition.id == damaged);
  CHECK(runs[1].definition.experiment == "my_birds");
  CHECK(to_iso8601(runs[1].definition.submitted_at) == "2026-11-24T09:00:00.000Z");
  CHECK(runs[1].state == State::failed);
  CHECK(contains(runs[1].reason, "damaged"));
  CHECK_NOTHROW(json(runs[1]).dump());
}

TEST_CASE("a folder that is no run at all is shown as damaged", "[history]") {
  const Store store;
  std::filesystem::create_directory(store.workspace.run_folder("stray"));
  const auto runs = list_runs(store.workspace, {});
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].state == State::failed);
}
