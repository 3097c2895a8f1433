#include <catch2/catch.hpp>

#include "engine/torch.hpp"
#include "engine/train/checkpoint_store.hpp"
#include "engine/train/drawn_folder.hpp"
#include "engine/train/trainer.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

const Say silent = [](const std::string&) {};
const auto never = [] { return false; };

/// Two epochs of four steps, logged at each, with a checkpoint every `steps`, that goes on when it is run
/// again.
TrainOptions resumable(const TemporaryFolder& folder, const std::string& name, int steps) {
  TrainOptions options = logged_options(folder.path(), name);
  options.checkpoint_folder = options.resume_from = folder / (name + "/checkpoints");
  options.resume_if_any = true;
  options.checkpoint_every = steps;
  return options;
}

std::string model_of(const TrainOptions& options) { return read_file(options.output_folder / "model.pt"); }

/// Ends when it is asked for the `call`th time, as a SIGTERM would.
void stop_at(const TrainOptions& options, int call) {
  int asked = 0;
  REQUIRE_THROWS_AS(train(options, silent, [&] { return ++asked == call; }), Error);
}

category refusal(const TrainOptions& options) {
  try {
    train(options, silent, never);
  } catch (const Error& problem) {
    return problem.kind();
  }
  FAIL("nothing was refused");
  return category::internal;
}

void flip_a_byte(const std::filesystem::path& file) {
  std::string bytes = read_file(file);
  bytes[bytes.size() / 2] = static_cast<char>(~bytes[bytes.size() / 2]);
  write_plain(file, bytes);
}

/// Oldest first.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder, const std::string& beginning,
                                            const char* ending) {
  std::vector<std::filesystem::path> files;
  for (const auto& item : std::filesystem::directory_iterator(folder))
    if (item.path().extension() == ending && item.path().filename().native().starts_with(beginning))
      files.push_back(item.path());
  std::ranges::sort(files);
  return files;
}

}  // namespace

TEST_CASE("a training that was stopped anywhere ends with the bytes of one that was not", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 8, 2);
  TrainOptions whole = logged_options(folder.path(), "whole");
  whole.precision = GENERATE(Precision::fp32, Precision::bf16);
  const json report = train(whole, silent, never);
  // An epoch asks five times: at four steps, and after the one batch of the validation.
  const std::vector<int> calls = GENERATE(std::vector{1, 5}, std::vector{3}, std::vector{5, 2, 2},
                                          std::vector{7}, std::vector{9, 2}, std::vector{10});
  TrainOptions stopped = resumable(folder, "stopped", 1);
  stopped.precision = whole.precision;
  for (const int call : calls) stop_at(stopped, call);
  const json resumed = train(stopped, silent, never);
  CHECK(model_of(stopped) == model_of(whole));
  CHECK(metrics_of(stopped) == metrics_of(whole));
  for (const char* name : {"epochs", "confusion", "best_epoch", "steps"})
    CHECK(resumed[name] == report[name]);
}

TEST_CASE("an fp16 training goes on with the scale of its gradients", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 8, 2);
  TrainOptions whole = logged_options(folder.path(), "whole");
  whole.precision = Precision::fp16;
  whole.best_metric = BestMetric::last;
  train(whole, silent, never);
  TrainOptions stopped = resumable(folder, "stopped", 1);
  stopped.precision = whole.precision;
  stopped.best_metric = whole.best_metric;
  stop_at(stopped, 4);
  const auto saved = read_newest_checkpoint(stopped.checkpoint_folder, silent);
  REQUIRE(saved.has_value());
  // Without overflow until here, and steps without after it, the test would say nothing.
  const float scale = saved->tensors.find("scaler.scale")->item<float>();
  CHECK(scale < 65536);
  train(stopped, silent, never);
  CHECK((model_of(stopped) == model_of(whole)));
  const auto last = read_newest_checkpoint(stopped.checkpoint_folder, silent);
  CHECK(last->tensors.find("scaler.growth_tracker")->item<int>() > 1);
}

TEST_CASE("the folder holds the two newest checkpoints, and a damaged one falls back to the one before",
          "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 8, 2);
  const TrainOptions whole = logged_options(folder.path(), "whole");
  train(whole, silent, never);
  const TrainOptions stopped = resumable(folder, "stopped", 0);
  train(stopped, silent, never);
  const auto documents = files_in(stopped.checkpoint_folder, "epoch-", ".json");
  const auto tensors = files_in(stopped.checkpoint_folder, "epoch-", ".safetensors");
  REQUIRE(documents.size() == 2);
  REQUIRE(tensors.size() == 2);
  CHECK(documents[0].filename() == "epoch-000001-step-0000000004.json");
  CHECK(documents[1].filename() == "epoch-000002-step-0000000008.json");

  const CheckpointDocument newest = read_checkpoint_document(documents[1]);
  const CheckpointDocument before = read_checkpoint_document(documents[0]);
  REQUIRE(newest.parts.size() == 2);
  REQUIRE(before.parts.size() == 2);
  CHECK(newest.parts[1].file != before.parts[1].file);
  const auto best = stopped.checkpoint_folder / newest.parts[1].file;
  const int damage = GENERATE(range(0, 5));
  if (damage < 3) flip_a_byte(std::vector{documents[1], tensors[1], best}[static_cast<std::size_t>(damage)]);
  if (damage == 3) std::filesystem::resize_file(documents[1], 100);
  if (damage == 4) std::filesystem::remove(best);
  std::vector<std::string> lines;
  train(
      stopped, [&](const std::string& line) { lines.push_back(line); }, never);
  CHECK(std::ranges::any_of(lines, [](const std::string& line) {
    return line.starts_with("checkpoint epoch-000002-step-0000000008 is damaged");
  }));
  CHECK(std::ranges::find(lines, "resumed in epoch 1 after step 4") != lines.end());
  CHECK(model_of(stopped) == model_of(whole));
  CHECK(metrics_of(stopped) == metrics_of(whole));
}

TEST_CASE("with no whole checkpoint nothing is trained", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 2, 2);
  const TrainOptions options = resumable(folder, "a", 0);
  train(options, silent, never);
  for (const auto& file : files_in(options.checkpoint_folder, "epoch-", ".safetensors")) flip_a_byte(file);
  CHECK(refusal(options) == category::bad_input);
}

TEST_CASE("a training goes on with the options and the data that it began with, or not at all",
          "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 4, 2);
  const TrainOptions options = resumable(folder, "a", 0);
  train(options, silent, never);
  TrainOptions other = options;
  other.momentum = 0.5;
  CHECK(refusal(other) == category::bad_input);
  other = options;
  other.resume_from.clear();
  CHECK(refusal(other) == category::conflict);
  other.checkpoint_folder = other.resume_from = folder / "nothing";
  other.resume_if_any = false;
  CHECK(refusal(other) == category::not_found);
  write_plain(folder / "data/train/dark/0.jpg", read_file(folder / "data/train/dark/1.jpg") + "x");
  CHECK(refusal(options) == category::bad_input);
}

TEST_CASE("a folder of checkpoints has one training at a time", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 2, 2);
  const TrainOptions options = resumable(folder, "a", 0);
  {
    const CheckpointStore other(options.checkpoint_folder);
    CHECK(refusal(options) == category::conflict);
  }
  train(options, silent, never);
}

TEST_CASE("a training that goes on elsewhere takes its metrics along and leaves the first as it was",
          "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 8, 2);
  const TrainOptions whole = logged_options(folder.path(), "whole");
  train(whole, silent, never);
  const TrainOptions first = resumable(folder, "first", 0);
  stop_at(first, 8);
  const std::string before = read_file(first.metrics_file);
  TrainOptions second = logged_options(folder.path(), "second");
  second.resume_from = first.checkpoint_folder;
  second.checkpoint_folder = folder / "second/checkpoints";
  train(second, silent, never);
  CHECK(model_of(second) == model_of(whole));
  CHECK(metrics_of(second) == metrics_of(whole));
  CHECK(read_file(first.metrics_file) == before);
}

TEST_CASE("numbers of a checkpoint come back bit by bit", "[engine][train]") {
  Checkpoint checkpoint;
  checkpoint.at.running = {0.1 + 0.2, 7, 9};
  checkpoint.at.epoch = 3;
  checkpoint.at.batch = 5;
  checkpoint.summary.steps = 1LL << 40;
  checkpoint.summary.epochs = {{2, 1e-3 * 0.1 * 0.1, 1.0 / 3, 2.0 / 3, 5e-324, 0.7}};
  checkpoint.best = Evaluation(2);
  checkpoint.best->loss = 0.1;
  checkpoint.best->confusion.add(1, 0);
  checkpoint.metrics = {"/a/b", 12, "c"};
  const json document = to_document(checkpoint);
  const Checkpoint back = parse_checkpoint(parse_json(document.dump(), "test"));
  CHECK(to_document(back) == document);
  CHECK(back.at.running.loss == checkpoint.at.running.loss);
  CHECK(back.summary.epochs[0].val_loss == 5e-324);
  CHECK(back.best->confusion.counts == checkpoint.best->confusion.counts);
}
