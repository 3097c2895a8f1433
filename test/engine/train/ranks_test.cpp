// N ranks, each with batches of its own, against one process that sees the same batches one after the other.
#include <ATen/ops/allclose.h>
#include <ATen/ops/full.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <sstream>

#include "engine/exchange/formats.hpp"
#include "engine/nn/shapes.hpp"
#include "engine/parallel/shared_ranks.hpp"
#include "engine/torch.hpp"
#include "engine/train/drawn_folder.hpp"
#include "engine/train/sgd.hpp"
#include "engine/train/step.hpp"
#include "engine/train/train_together.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

std::vector<double> losses_of(const TrainOptions& options) {
  std::vector<double> losses;
  std::istringstream lines(read_file(options.metrics_file));
  for (std::string line; std::getline(lines, line);) {
    const json metric = json::parse(line);
    if (metric.at("name") == "train_loss") losses.push_back(metric.at("value"));
  }
  return losses;
}

/// After every step; a training that begins goes on from them.
void keep_checkpoints(TrainOptions& options) {
  options.checkpoint_folder = options.resume_from = options.metrics_file.parent_path() / "checkpoints";
  options.resume_if_any = true;
  options.checkpoint_every = 1;
}

/// Two ranks train, and are stopped once so many losses are logged.
void begin_and_stop(const TrainOptions& options, std::size_t losses) {
  const std::function<bool()> after_a_while = [&] {
    return std::filesystem::exists(options.metrics_file) && losses_of(options).size() >= losses;
  };
  CHECK_THROWS_AS(train_together(options, 2, 0, after_a_while), Error);
}

}  // namespace

TEST_CASE("ranks have the losses and weights of one process that takes as many batches a step") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 9, 5);  // 9 batches of 2: the ranks' last step is not whole
  const auto [ranks, accum, optimizer] = GENERATE(table<int, int, OptimizerKind>(
      {{2, 1, OptimizerKind::sgd}, {3, 1, OptimizerKind::adamw}, {2, 2, OptimizerKind::sgd}}));
  CAPTURE(ranks, accum);
  // With several batches of each rank the same gradients are added in another order.
  const bool to_the_bit = accum == 1;
  TrainOptions together = logged_options(folder.path(), "together");
  together.batch_size = 2;
  together.grad_accum = accum;
  together.optimizer = optimizer;
  together.clip_grad_norm = 1;
  together.epochs = 2;
  TrainOptions alone = together;
  alone.output_folder = folder / "alone/out";
  alone.metrics_file = folder / "alone/metrics.jsonl";
  alone.grad_accum = ranks * accum;
  std::filesystem::create_directories(folder / "alone");

  const json report = train_together(together, ranks), expected = train(alone, silent, never);
  CHECK(report.at("ranks") == ranks);
  CHECK(report.at("steps") == expected.at("steps"));
  CHECK(report.at("confusion") == expected.at("confusion"));
  const std::vector<double> ours_lost = losses_of(together), theirs_lost = losses_of(alone);
  REQUIRE(ours_lost.size() == theirs_lost.size());
  for (std::size_t i = 0; i < ours_lost.size(); ++i)
    CHECK(ours_lost[i] == Approx(theirs_lost[i]).epsilon(to_the_bit ? 0 : 1e-4));
  CHECK(report.at("best_val_loss").get<double>() ==
        Approx(expected.at("best_val_loss").get<double>()).epsilon(1e-5));
  const StateDict theirs = read_weights(alone.output_folder / "model.pt"),
                  ours = read_weights(together.output_folder / "model.pt");
  for (const auto& [name, tensor] : theirs.entries) {
    INFO(name);
    if (is_batch_counter(name) || (is_parameter(name) && to_the_bit))
      CHECK(ours.find(name)->equal(tensor));
    else
      CHECK(at::allclose(*ours.find(name), tensor, 1e-3, 1e-5));
  }
}

TEST_CASE("on two hosts, one rank each, they have the losses and weights of one process too") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 5, 3);
  TrainOptions hosts = logged_options(folder.path(), "hosts"), alone = logged_options(folder.path(), "alone");
  hosts.batch_size = alone.batch_size = 2;
  alone.grad_accum = 2;
  const json report = train_together(hosts, 2, 1);
  train(alone, silent, never);
  CHECK(losses_of(hosts) == losses_of(alone));
  CHECK(report.at("ranks_time").at("bytes_sent").get<double>() > 0);
  const StateDict theirs = read_weights(alone.output_folder / "model.pt"),
                  ours = read_weights(hosts.output_folder / "model.pt");
  for (const auto& [name, tensor] : theirs.entries) {
    INFO(name);
    CHECK((is_parameter(name) ? ours.find(name)->equal(tensor)
                              : at::allclose(*ours.find(name), tensor, 1e-3, 1e-5)));
  }
}

TEST_CASE("two trainings of several ranks end in the same bytes") {
  const auto [ranks, on_host, grad_dtype] = GENERATE(table<int, int, GradDtype>(
      {{2, 0, GradDtype::fp32}, {4, 2, GradDtype::fp32}, {2, 1, GradDtype::bf16}}));
  const TemporaryFolder folder;
  draw_folder(folder / "data", 5, 3);
  TrainOptions one = logged_options(folder.path(), "one"), other = logged_options(folder.path(), "other");
  one.grad_dtype = other.grad_dtype = grad_dtype;
  train_together(one, ranks, on_host);
  train_together(other, ranks, on_host);
  CHECK(read_file(one.output_folder / "model.pt") == read_file(other.output_folder / "model.pt"));
  CHECK(metrics_of(one) == metrics_of(other));
}

TEST_CASE("ranks go on from a checkpoint as though they had not been stopped") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 5, 3);
  TrainOptions whole = logged_options(folder.path(), "whole"),
               stopped = logged_options(folder.path(), "stopped");
  keep_checkpoints(stopped);
  train_together(whole, 2);
  begin_and_stop(stopped, 3);
  std::string said;
  together(2, [&](const RankPlace& place) {
    TrainOptions own = stopped;
    own.ranks = place;
    const Say keep = [&](const std::string& line) { said += line + "\n"; };
    train(own, place.rank == 0 ? keep : silent, never);
  });
  CHECK(said.find("resumed in epoch") != std::string::npos);
  CHECK(read_file(whole.output_folder / "model.pt") == read_file(stopped.output_folder / "model.pt"));
}

TEST_CASE("more ranks or fewer go on with a training: the steps stay the same") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 7, 3);  // 7 batches of 2, of which a step takes 4
  TrainOptions whole = logged_options(folder.path(), "whole"),
               stopped = logged_options(folder.path(), "stopped");
  for (TrainOptions* options : {&whole, &stopped}) {
    options->batch_size = 2;
    options->grad_accum = 2;
  }
  keep_checkpoints(stopped);
  train_together(whole, 2);
  begin_and_stop(stopped, 1);
  const int ranks = GENERATE(1, 3, 5);  // with five, one has nothing to do
  CAPTURE(ranks);
  const json report = train_together(stopped, ranks);
  CHECK(report.at("ranks") == ranks);
  CHECK(report.at("batches_per_step") == 4);
  const std::vector<double> ours = losses_of(stopped), theirs = losses_of(whole);
  REQUIRE(ours.size() == theirs.size());
  for (std::size_t i = 0; i < ours.size(); ++i) CHECK(ours[i] == Approx(theirs[i]).epsilon(1e-4));
  const StateDict expected = read_weights(whole.output_folder / "model.pt"),
                  made = read_weights(stopped.output_folder / "model.pt");
  for (const auto& [name, tensor] : expected.entries) {
    INFO(name);
    CHECK(at::allclose(*made.find(name), tensor, 1e-3, 1e-4));
  }
}

TEST_CASE("what a rank can't read is in the report of all") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 4, 20);
  TrainOptions options = logged_options(folder.path(), "training");
  options.skip_unreadable = true;
  options.batch_size = 1;  // 8 steps of which one rank has none
  options.epochs = 1;
  for (const char* name : {"train/dark/1.jpg", "val/light/19.jpg"})
    write_plain(folder / "data" / name, "no image");
  const json report = train_together(options, 2);
  CHECK(report.at("steps") == 4);
  REQUIRE(report.at("skipped").size() == 2);
  CHECK(report.at("skipped")[0].at("path") == "train/dark/1.jpg");
  CHECK(report.at("skipped")[1].at("path") == "val/light/19.jpg");
}

TEST_CASE("a training that diverges rolls back and ends on all ranks, each naming the images") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 24, 2);
  TrainOptions options = logged_options(folder.path(), "training");
  options.batch_size = 2;
  options.learning_rate = 9e5;
  options.on_divergence = OnDivergence::rollback;
  std::vector<std::string> problems(2);
  together(2, [&](const RankPlace& place) {
    TrainOptions own = options;
    own.ranks = place;
    try {
      train(own, silent, never);
    } catch (const Error& problem) {
      problems[static_cast<std::size_t>(place.rank)] = problem.what();
    }
  });
  CHECK(problems[0].find("with the batch train/") != std::string::npos);
  CHECK(problems[0] == problems[1]);
}

TEST_CASE("running statistics of a batch that memory is too small for are those of one batch") {
  const auto after_steps = [](std::int64_t micro_batch, Ranks* ranks) {
    ResNet model(find_resnet_spec("resnet18"), 2, 1, {at::kCPU, at::MemoryFormat::ChannelsLast});
    Sgd optimiser({{model.trainable()}}, 0);
    Step step(model, optimiser, {.batches = 2, .ranks = ranks, .micro_batch = micro_batch});
    for (int i = 0; i < 6; ++i) {
      const at::Tensor one = at::full({1, 3, 64, 64}, 0.1 * (i + 1)), label = at::zeros({4}, at::kLong);
      step.add(one.expand({4, 3, 64, 64}).contiguous(at::MemoryFormat::ChannelsLast), {label});
      if (i % 2 == 0) continue;
      if (ranks == nullptr) {
        step.finish(0);
      } else {
        step.exchange();
        step.finish(0, {.images = 8, .batches = {2}});
      }
    }
    return model.state().find("bn1.running_mean")->clone();
  };
  OneRank alone;
  const at::Tensor expected = after_steps(100, nullptr);
  CHECK(expected.abs().max().item<float>() > 0.01);
  CHECK(at::allclose(after_steps(100, &alone), expected, 1e-5, 1e-6));
  CHECK(at::allclose(after_steps(2, &alone), expected, 1e-4, 1e-5));
}

TEST_CASE("a rank gives a sign for each file that it looks at before the first step") {
  const TemporaryFolder folder;
  constexpr std::uint64_t kFiles = 4 * 100;
  for (const char* of_class : {"train/dark", "train/light", "val/dark", "val/light"}) {
    std::filesystem::create_directories(folder / "data" / of_class);
    for (int i = 0; i < 100; ++i)
      write_plain(folder / "data" / of_class / (std::to_string(i) + ".jpg"), "not read so far");
  }
  const TrainOptions options = logged_options(folder.path(), "training");
  std::atomic<bool> stop = false;
  std::uint64_t signs = 0;
  const auto work = [&](const RankPlace& place) {
    if (place.rank == 0) {
      TrainOptions own = options;
      own.ranks = place;
      CHECK_THROWS_WITH(train(own, silent, [&] { return stop.load(); }), Catch::Contains("stopped"));
      return;
    }
    SharedRanks other(place, never, std::chrono::seconds(60));
    static_cast<Ranks&>(other).gather(place.world_size);  // begun with so many
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (signs < 2 * kFiles && std::chrono::steady_clock::now() < deadline) {
      signs = other.signs()[0].looks;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    stop = true;
  };
  together(2, work);
  CHECK(signs >= 2 * kFiles);  // listed, and asked for their sizes
}

TEST_CASE("a rank with other options is named before the first step") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 3, 2);
  const TrainOptions options = logged_options(folder.path(), "training");
  CHECK_THROWS_WITH(together(2,
                             [&](const RankPlace& place) {
                               TrainOptions own = options;
                               own.ranks = place;
                               own.seed = static_cast<std::uint64_t>(7 + place.rank);
                               train(own, silent, never);
                             }),
                    Catch::Contains("rank 1 has other data or options"));
}
