// What the options of a training do to it, from outside.
#include <catch2/catch.hpp>
#include <map>

#include "engine/exchange/formats.hpp"
#include "engine/torch.hpp"
#include "engine/train/drawn_folder.hpp"
#include "engine/train/state.hpp"
#include "engine/train/trainer.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

const Say silent = [](const std::string&) {};
const auto never = [] { return false; };

struct Quick {
  TemporaryFolder folder;
  TrainOptions options;

  Quick() {
    draw_folder(folder / "data", 5, 3);  // three steps an epoch, the last of two images
    options = quick_options(folder / "data", folder / "out");
    options.metrics_file = folder / "metrics.jsonl";
    options.log_every = 1;
  }
  json train() const { return engine::train(options, silent, never); }
  StateDict saved() const { return read_weights(folder / "out/model.pt"); }
  std::vector<double> metric(const std::string& name) const {
    std::map<int, double> values;
    for_each_json_line(options.metrics_file, [&](const json& line) {
      if (line["name"] == name) values[line["step"].get<int>()] = line["value"].get<double>();
    });
    std::vector<double> list;
    for (const auto& [step, value] : values) list.push_back(value);
    return list;
  }
};

Evaluation with(double loss, double accuracy) {
  Evaluation one(2);
  one.loss = loss;
  one.accuracy = accuracy;
  return one;
}

/// The epochs' results one after the other; the best epoch of them.
int best_of(BestMetric metric, const std::vector<Evaluation>& epochs) {
  TrainState state{.model = ResNet(find_resnet_spec("resnet18"), 2, 1), .optimiser = nullptr};
  for (std::size_t i = 0; i < epochs.size(); ++i)
    finish_epoch(state, {.epoch = static_cast<int>(i)}, epochs[i], metric, true);
  return state.summary.best_epoch;
}

}  // namespace

TEST_CASE("the weights that are saved are those of the best epoch by the metric", "[engine][train]") {
  const std::vector<Evaluation> epochs{with(0.9, 0.5), with(0.7, 0.8), with(0.6, 0.7), with(0.8, 0.8)};
  CHECK(best_of(BestMetric::val_acc, epochs) == 1);
  CHECK(best_of(BestMetric::val_loss, epochs) == 2);
  CHECK(best_of(BestMetric::last, epochs) == 3);
}

TEST_CASE("a training stops when as many epochs as its patience were no better", "[engine][train]") {
  TrainingSummary summary;
  CHECK_FALSE(stops_early(summary, 1));
  for (int epoch = 0; epoch < 4; ++epoch) summary.epochs.push_back({.epoch = epoch});
  summary.best_epoch = 1;
  CHECK(stops_early(summary, 2));
  CHECK_FALSE(stops_early(summary, 3));
  CHECK_FALSE(stops_early(summary, 0));
  summary.best_epoch = 3;
  CHECK_FALSE(stops_early(summary, 1));
}

TEST_CASE("a training that gets no better ends early, and says so in its report", "[engine][train]") {
  Quick quick;
  quick.options.learning_rate = 1e-12;
  quick.options.epochs = 9;
  quick.options.best_metric = BestMetric::val_acc;
  quick.options.early_stop = 2;
  const json report = quick.train();
  CHECK(report["epochs"].size() < 9);
  CHECK(report["epochs"].size() == report["best_epoch"].get<std::size_t>() + 3);
}

TEST_CASE("with --grad-accum a step is a group of batches, the last group of an epoch a smaller one",
          "[engine][train]") {
  Quick quick;
  quick.options.grad_accum = 2;
  CHECK(quick.train()["steps"] == 4);
  CHECK(quick.metric("train_loss").size() == 4);
  quick.options.grad_accum = 5;
  CHECK(quick.train()["steps"] == 2);
}

TEST_CASE("the metrics have the rate of each step", "[engine][train]") {
  Quick quick;
  quick.options.scheduler = SchedulerKind::cosine;
  quick.options.warmup_epochs = 1;
  quick.train();
  const std::vector<double> rates = quick.metric("lr");
  REQUIRE(rates.size() == 6);
  const double base = quick.options.learning_rate;
  CHECK(rates[0] == Approx(base / 3));
  CHECK(rates[2] == Approx(base));
  CHECK(rates[3] == Approx(base));
  CHECK(rates[4] == Approx(base * 0.75));
  CHECK(rates[5] == Approx(base * 0.25));
}

TEST_CASE("the average of the weights is what is validated and saved", "[engine][train]") {
  Quick quick;
  quick.options.best_metric = BestMetric::last;
  quick.train();
  const StateDict without = quick.saved();
  quick.options.ema = 0.9;
  const json report = quick.train();
  const StateDict average = quick.saved();
  CHECK_FALSE(average.find("fc.weight")->equal(*without.find("fc.weight")));
  CHECK_FALSE(average.find("bn1.running_mean")->equal(*without.find("bn1.running_mean")));
  CHECK(average.find("bn1.num_batches_tracked")->equal(*without.find("bn1.num_batches_tracked")));

  ResNet model(find_resnet_spec("resnet18"), 2, 0, {at::kCPU, at::MemoryFormat::ChannelsLast});
  load_state(model, average, "model.pt", Head::load);
  const ImageFolder folder = scan_image_folder(quick.options.data);
  Loader loader(folder, folder.val, View::validation,
                {.batch_size = 16, .threads = 0, .image_size = 40, .resize_size = 44});
  const Evaluation val = evaluate(model, loader, at::kFloat, [](int) {});
  CHECK(val.loss == Approx(report["best_val_loss"].get<double>()).epsilon(1e-5));
}

TEST_CASE("the average follows the weights fast at first, and by its decay later", "[engine][train]") {
  const ResNet model(find_resnet_spec("resnet18"), 2, 1);
  Ema ema(model, 0.5);
  const auto set = [&](double value) { model.state().find("fc.bias")->detach().fill_(value); };
  const auto average = [&] { return (*ema.model().state().find("fc.bias"))[0].item<double>(); };
  CHECK(ema.model().state().find("fc.bias")->equal(model.state().find("fc.bias")->detach()));
  set(0);
  ema.update(model, 1000);
  ema.update(model, 1000);
  ema.update(model, 1000);
  const double before = average();
  set(1);
  ema.update(model, 1000);
  CHECK(average() == Approx((before + 1) / 2));
  set(0);
  const double high = average();
  ema.update(model, 1);
  CHECK(average() == Approx(high * 2 / 11));
}

TEST_CASE("the backbone waits for its first epoch", "[engine][train]") {
  Quick quick;
  quick.options.unfreeze_epoch = 1;
  quick.options.best_metric = BestMetric::last;
  const auto stem = [&] { return *quick.saved().find("conv1.weight"); };
  quick.train();
  const at::Tensor trained = stem();
  quick.options.unfreeze_epoch = 0;
  quick.options.freeze_backbone = true;
  quick.train();
  const at::Tensor start = stem();
  CHECK_FALSE(trained.equal(start));
  // Its whole first epoch is that of a frozen backbone.
  const std::vector<double> frozen = quick.metric("train_loss");
  std::filesystem::remove(quick.options.metrics_file);
  quick.options.freeze_backbone = false;
  quick.options.unfreeze_epoch = 1;
  quick.train();
  const std::vector<double> waited = quick.metric("train_loss");
  for (std::size_t step = 0; step < 3; ++step) CHECK(waited[step] == frozen[step]);
  CHECK(waited[5] != frozen[5]);
}

TEST_CASE("the report records the options that decide the result", "[engine][train]") {
  Quick quick;
  quick.options.optimizer = OptimizerKind::adamw;
  quick.options.label_smoothing = 0.1;
  const json options = quick.train().at("options");
  CHECK(options.at("--optimizer") == "adamw");
  CHECK(options.at("--label-smoothing") == 0.1);
  CHECK(options.at("--scheduler") == "step");
}
