#include "engine/train/divergence.hpp"

#include <catch2/catch.hpp>

#include "engine/train/drawn_folder.hpp"
#include "engine/train/trainer.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

const auto never = [] { return false; };

/// Batches until the loss counts as diverging; 0 when it never does.
int found_after(const std::vector<double>& losses, std::int64_t classes) {
  LossWatch watch;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    watch = watched(watch, losses[i]);
    if (is_diverging(watch, classes)) return static_cast<int>(i) + 1;
  }
  return 0;
}

std::vector<double> repeated(double loss, std::size_t count) { return std::vector<double>(count, loss); }

std::vector<double> joined(std::vector<double> one, const std::vector<double>& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

struct Training {
  TemporaryFolder folder;
  TrainOptions options;
  std::vector<std::string> lines;

  explicit Training(double learning_rate) {
    draw_folder(folder / "data", 24, 2);  // twelve steps an epoch
    options = quick_options(folder / "data", folder / "out");
    options.learning_rate = learning_rate;
    options.metrics_file = folder / "metrics.jsonl";
    options.log_every = 1;
  }
  json run() {
    return train(
        options, [&](const std::string& line) { lines.push_back(line); }, never);
  }
  std::string model() const { return read_plain(folder / "out/model.pt"); }
  std::string metrics() const { return metrics_of(options); }
};

/// One that diverges, and whose tenth doesn't: near the border that hangs on how the processor rounds.
double rate_that_diverges() {
  const auto diverges = [](double rate) {
    Training training(rate);
    training.options.ema = 0.9;
    training.options.epochs = 1;
    training.options.on_divergence = OnDivergence::stop;
    try {
      training.run();
    } catch (const Error&) {
      return true;
    }
    return false;
  };
  for (const double rate : {3.0, 2.0, 2.5, 4.0})
    if (diverges(rate) && !diverges(rate * 0.1)) return rate;
  FAIL("no rate diverges whose tenth does not");
  return 0;
}

}  // namespace

TEST_CASE("a loss that stays several times above its lowest diverges, a spike or a small one does not",
          "[engine][train]") {
  CHECK(found_after(joined(repeated(0.5, 40), repeated(20, 40)), 2) > 40);
  CHECK(found_after(joined(repeated(0.5, 40), {30}), 2) == 0);
  CHECK(found_after(joined(repeated(0.01, 40), repeated(1, 400)), 2) == 0);    // a hundredfold, but small
  CHECK(found_after(joined(repeated(0.5, 40), repeated(1.9, 400)), 2) == 0);   // high, but not fourfold
  CHECK(found_after(joined(repeated(100, 4), repeated(0.5, 400)), 2) == 0);    // it begins high
  CHECK(found_after(joined(repeated(0.5, 40), repeated(4, 400)), 1000) == 0);  // less than guessing costs
}

TEST_CASE("a training that diverges again after its rollback ends", "[engine][train]") {
  Training training(9e5);
  training.options.on_divergence = OnDivergence::rollback;
  CHECK_THROWS_AS(training.run(), Diverged);
  const auto rolled_back = [](const std::string& line) { return line.starts_with("rolled back to epoch 0"); };
  CHECK(std::ranges::count_if(training.lines, rolled_back) == 1);
}

TEST_CASE("after a rollback it is the training at a tenth of the rate, and its report says so",
          "[engine][train]") {
  const double rate = rate_that_diverges();
  Training high(rate), low(rate * 0.1);
  high.options.ema = low.options.ema = 0.9;
  high.options.epochs = low.options.epochs = 1;
  high.options.on_divergence = OnDivergence::stop;
  CHECK_THROWS_WITH(high.run(), Catch::Contains("the loss diverges") && Catch::Contains("train/"));
  write_plain(high.options.metrics_file, "");
  high.options.on_divergence = OnDivergence::rollback;
  const json report = high.run();
  low.run();
  CHECK(high.model() == low.model());
  CHECK(high.metrics() == low.metrics());
  REQUIRE(report["rollbacks"].size() == 1);
  CHECK(report["rollbacks"][0]["epoch"] == 0);
  CHECK(report["rollbacks"][0]["lr_scale"] == 0.1);
  CHECK(report["epochs"][0]["lr"] == rate * 0.1);
}
