#include "engine/train/trainer.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "engine/exchange/formats.hpp"
#include "engine/nn/init.hpp"
#include "engine/train/drawn_folder.hpp"
#include "engine/train/numerics.hpp"
#include "support/error.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

bool never() { return false; }
void silent(const std::string&) {}

Error failure(const TrainOptions& options, const std::function<bool()>& stop = never) {
  try {
    train(options, silent, stop);
  } catch (const Error& problem) {
    return problem;
  }
  return Error(category::internal, "no error");
}

std::string trained_model(const TrainOptions& options) {
  train(options, silent, never);
  return read_plain(options.output_folder / "model.pt");
}

}  // namespace

TEST_CASE("a training learns, speaks as the tutorial does and leaves its files", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 12, 6);
  TrainOptions options = quick_options(folder / "data", folder / "out");
  options.metrics_file = folder / "metrics.jsonl";
  options.epochs = 3;
  std::vector<std::string> lines;
  const json report = train(
      options, [&](const std::string& line) { lines.push_back(line); }, never);

  CHECK(report["epochs"].size() == 3);
  CHECK(report["epochs"][2]["train_loss"] < report["epochs"][0]["train_loss"]);
  double best = 0;
  for (const json& epoch : report["epochs"]) best = std::max(best, epoch["val_acc"].get<double>());
  CHECK(report["best_val_acc"] == best);
  CHECK(best > 0.7);  // of two classes
  CHECK(report["steps"] == 18);
  CHECK(report["classes"][1]["label"] == "light");
  CHECK(parse_json(read_plain(folder / "out/report.json"), "report") == report);
  CHECK_NOTHROW(infer_spec(read_weights(folder / "out/model.pt"), "model.pt"));

  for (const char* start :
       {"Epoch 0/2", "Epoch 2/2", "train Loss: ", "val Loss: ", "Training complete in 0m "})
    CHECK(std::ranges::any_of(lines, [&](const std::string& line) { return line.starts_with(start); }));
  CHECK_THAT(lines.back(), Catch::StartsWith("Best val Acc: 0.") || Catch::StartsWith("Best val Acc: 1."));
}

TEST_CASE("metrics come every log_every steps and after each epoch", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 8, 2);
  TrainOptions options = quick_options(folder / "data", folder / "out");
  options.metrics_file = folder / "metrics.jsonl";
  options.lr_step = 1;
  const json report = train(options, silent, never);  // 4 steps an epoch: lines after steps 3, 4, 6, 8
  std::map<std::string, std::vector<std::pair<int, double>>> points;
  for_each_json_line(options.metrics_file, [&](const json& line) {
    points[line["name"]].emplace_back(line["step"].get<int>(), line["value"].get<double>());
  });
  std::vector<int> steps;
  for (const auto& [step, value] : points["train_loss"]) steps.push_back(step);
  CHECK(steps == std::vector<int>{3, 4, 6, 8});
  CHECK(points["lr"].front().second == Approx(0.005));
  CHECK(points["lr"].back().second == Approx(0.0005));
  for (const char* name : {"momentum", "val_loss", "val_acc", "best_val_acc"})
    CHECK(points[name].size() == 2);
  CHECK(points["val_loss"].back().second == report["epochs"][1]["val_loss"]);
  CHECK(points["images_per_second"].back().second > 0);
}

TEST_CASE("the same seed gives the same bytes, another seed other ones", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 6, 2);
  TrainOptions options = quick_options(folder / "data", folder / "out");
  options.precision = GENERATE(Precision::fp32, Precision::bf16);
  const std::string first = trained_model(options);
  options.workers = 3;       // how many decode must not matter
  options.cache_memory = 0;  // nor whether images are kept
  CHECK(trained_model(options) == first);
  options.seed = 43;
  CHECK(trained_model(options) != first);
}

TEST_CASE("a training that diverges ends as failed and leaves no model", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 6, 2);
  TrainOptions options = quick_options(folder / "data", folder / "out");
  options.learning_rate = 9e5;
  options.epochs = 20;
  const Error problem = failure(options);
  CHECK(problem.kind() == category::run_failed);
  CHECK_FALSE(std::filesystem::exists(folder / "out/model.pt"));
}

TEST_CASE("infinite weights end the run at the first step, naming its images", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 2, 2);
  StateDict state = fresh_state(find_resnet_spec("resnet18"), 2, 1);
  for (auto& [name, tensor] : state.entries)
    if (name == "layer4.1.bn2.bias") tensor.fill_(std::numeric_limits<float>::infinity());
  write_pth(folder / "bad.pth", state);
  TrainOptions options = quick_options(folder / "data", folder / "out");
  options.weights = folder / "bad.pth";
  const Error problem = failure(options);
  CHECK(problem.kind() == category::run_failed);
  CHECK_THAT(problem.what(), Catch::Contains("step 1 ") && Catch::Contains("train/dark/0.jpg") &&
                                 Catch::Contains("train/light/1.jpg"));
}

TEST_CASE("a stop between two steps ends the run as canceled and leaves no model", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 6, 2);
  int asked = 0;
  const Error problem = failure(quick_options(folder / "data", folder / "out"), [&] { return ++asked == 3; });
  CHECK(problem.kind() == category::canceled);
  CHECK_THAT(problem.what(), Catch::Contains("epoch 0 after step 2"));
  CHECK_FALSE(std::filesystem::exists(folder / "out/model.pt"));
}

TEST_CASE("weights of a file are the start, those of another architecture are refused", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 2, 2);
  write_pth(folder / "start.pth", fresh_state(find_resnet_spec("resnet18"), 1000, 9));
  TrainOptions options = quick_options(folder / "data", folder / "out");
  options.weights = folder / "start.pth";
  options.epochs = 1;
  std::vector<std::string> lines;
  train(
      options, [&](const std::string& line) { lines.push_back(line); }, never);
  CHECK(std::ranges::any_of(lines, [](const std::string& line) {
    return line.ends_with("fc replaced (1000 classes there, 2 here)");
  }));

  options.arch = "resnet34";
  const Error problem = failure(options);
  CHECK(problem.kind() == category::bad_input);
  CHECK(problem.hint() == "use --arch resnet18");
  options.weights = folder / "absent.pth";
  CHECK(failure(options).kind() == category::not_found);
}

TEST_CASE("with a frozen backbone the saved one is the given one", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 4, 2);
  const StateDict given = fresh_state(find_resnet_spec("resnet18"), 2, 9);
  write_pth(folder / "start.pth", given);
  TrainOptions options = quick_options(folder / "data", folder / "out");
  options.weights = folder / "start.pth";
  options.freeze_backbone = true;
  train(options, silent, never);
  const StateDict saved = read_weights(folder / "out/model.pt");
  CHECK(saved.find("layer4.1.conv2.weight")->equal(*given.find("layer4.1.conv2.weight")));
  CHECK_FALSE(saved.find("fc.weight")->equal(*given.find("fc.weight")));
}

TEST_CASE("a file that can't be read ends the run by name, or is skipped and reported", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 4, 2);
  write_plain(folder / "data/train/dark/broken.jpg", "no image");
  TrainOptions options = quick_options(folder / "data", folder / "out");
  const Error problem = failure(options);
  CHECK(problem.kind() == category::bad_input);
  CHECK_THAT(problem.what(), Catch::Contains("broken.jpg"));
  options.skip_unreadable = true;
  const json report = train(options, silent, never);
  REQUIRE(report["skipped"].size() == 1);
  CHECK(report["skipped"][0]["path"] == "train/dark/broken.jpg");
}
