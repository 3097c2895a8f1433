#include "upkeep/compare_runs.hpp"

#include <catch2/catch.hpp>

#include "job/definition.hpp"
#include "whole_store.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

RunRecord trained(const std::vector<std::string>& arguments, double accuracy) {
  RunRecord run;
  run.definition.id = "birds_1_" + std::to_string(arguments.size());
  run.definition.experiment = "birds";
  run.definition.job = trainer_job(arguments, "insects");
  run.state = State::completed;
  MetricPoint point;
  point.value = accuracy;
  run.summary.metrics.last["val_acc"] = run.summary.metrics.best["val_acc"] = point;
  return run;
}

const ComparedItem* find(const RunComparison& comparison, const std::string& section,
                         const std::string& name) {
  for (const ComparedItem& item : comparison.items)
    if (item.section == section && item.name == name) return &item;
  return nullptr;
}

}  // namespace

TEST_CASE("runs are compared by parameters and metrics, and what differs is marked", "[upkeep]") {
  const Store store;
  const RunComparison comparison =
      compare_runs(store.workspace, {trained({"--num-epochs", "3", "--arch=resnet18"}, 0.5),
                                     trained({"--num-epochs", "4", "--arch=resnet18", "--tta-flip"}, 0.75)});
  CHECK(comparison.runs.size() == 2);
  const auto* epochs = find(comparison, "param", "num-epochs");
  REQUIRE(epochs != nullptr);
  CHECK(epochs->values == std::vector<json>{"3", "4"});
  CHECK(epochs->differs);
  CHECK_FALSE(find(comparison, "param", "arch")->differs);
  CHECK(find(comparison, "param", "tta-flip")->values == std::vector<json>{nullptr, true});
  CHECK(find(comparison, "metric", "val_acc")->values == std::vector<json>{0.5, 0.75});
  CHECK_FALSE(find(comparison, "run", "state")->differs);
  CHECK(json(comparison).at("items").at(0).at("section") == "run");
}

TEST_CASE("options that the trainer's report tells count, and defaults with them", "[upkeep]") {
  const WholeStore store;
  const RunId id = store.completed();
  const RunPaths paths(store.workspace, id);
  write_plain(paths.outputs() / "report.json", R"({"options": {"--num-epochs": 3, "--momentum": 0.9}})");
  RunRecord one = trained({"--num-epochs", "3"}, 0.5);
  one.definition.id = id;
  const RunComparison comparison = compare_runs(store.workspace, {one, one});
  CHECK(find(comparison, "param", "num-epochs")->values == std::vector<json>{3, 3});
  CHECK(find(comparison, "param", "momentum")->values == std::vector<json>{0.9, 0.9});
}

TEST_CASE("metrics that end alike and differ in between are told with the place where they part",
          "[upkeep]") {
  const Store store;
  std::vector<RunRecord> runs;
  const auto add = [&](const std::vector<double>& losses) {
    RunRecord run = trained(std::vector<std::string>(runs.size()), 0.5);
    const RunPaths paths(store.workspace, run.definition.id);
    fs::create_directories(paths.folder);
    for (std::size_t i = 0; i < losses.size(); ++i)
      append_metric(paths.metrics(), {now(), "loss", losses[i], static_cast<std::int64_t>(i), {}, 0});
    run.summary.metrics = summarise_metrics(paths.metrics(), true);
    runs.push_back(run);
  };
  add({4, 3, 2, 1});
  add({4, 3, 2.5, 1});
  add({4, 3, 2, 1});
  const RunComparison same = compare_runs(store.workspace, {runs[0], runs[2]});
  CHECK_FALSE(find(same, "metric", "loss")->differs);
  CHECK(json(same)["items"].back()["parting"] == nullptr);
  const RunComparison comparison = compare_runs(store.workspace, runs);
  const ComparedItem* loss = find(comparison, "metric", "loss");
  CHECK(loss->values == std::vector<json>{1, 1, 1});
  CHECK(loss->differs);
  REQUIRE(loss->parting);
  CHECK(json(*loss->parting) == json{{"run", runs[1].definition.id},
                                     {"rank", 0},
                                     {"point", 3},
                                     {"step", 2},
                                     {"epoch", nullptr},
                                     {"values", {2, 2.5}}});
}
