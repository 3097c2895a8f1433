#include "engine/train/outputs.hpp"

#include <catch2/catch.hpp>

#include "engine/exchange/formats.hpp"
#include "engine/nn/init.hpp"
#include "engine/torch.hpp"
#include "engine/train/metrics.hpp"
#include "support/error.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

TEST_CASE("model, labels and report are written and read back", "[engine][train]") {
  const TemporaryFolder folder;
  const StateDict state = fresh_state(find_resnet_spec("resnet18"), 2, 1);
  write_outputs(folder / "a/b", state, {"ants", "bees"}, {{"schema", "x"}});
  const StateDict back = read_weights(folder / "a/b/model.pt");
  REQUIRE(back.entries.size() == state.entries.size());
  for (std::size_t i = 0; i < state.entries.size(); ++i) {
    CHECK(back.entries[i].first == state.entries[i].first);
    CHECK(back.entries[i].second.equal(state.entries[i].second));
  }
  CHECK(read_labels(folder / "a/b/labels.json", 2) == std::vector<std::string>{"ants", "bees"});
  CHECK_THROWS_WITH(read_labels(folder / "a/b/labels.json", 3), Catch::Contains("holds 2 labels"));
  CHECK(parse_json(read_plain(folder / "a/b/report.json"), "report") == json({{"schema", "x"}}));
}

TEST_CASE("metric lines carry time, name, value, step, epoch and rank", "[engine][train]") {
  const TemporaryFolder folder;
  const MetricLog log(folder / "metrics.jsonl");
  log.write(5, 1, {{"lr", 0.1}, {"train_loss", 2.5}});
  log.write(6, 1, {{"val_acc", 1}});
  std::vector<json> lines;
  for_each_json_line(folder / "metrics.jsonl", [&](const json& line) { lines.push_back(line); });
  REQUIRE(lines.size() == 3);
  CHECK(lines[1]["name"] == "train_loss");
  CHECK(lines[1]["value"] == 2.5);
  CHECK(lines[1]["step"] == 5);
  CHECK(lines[2]["epoch"] == 1);
  CHECK(lines[2]["rank"] == 0);
  CHECK(lines[0]["time"] == lines[1]["time"]);
}

TEST_CASE("metrics that can't be written are an error, without a file they are dropped", "[engine][train]") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(MetricLog(folder / "absent/metrics.jsonl").write(1, 0, {{"lr", 0.1}}), Error);
  CHECK_NOTHROW(MetricLog("").write(1, 0, {{"lr", 0.1}}));
}
