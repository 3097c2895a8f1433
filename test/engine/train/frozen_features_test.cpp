#include "engine/train/frozen_features.hpp"

#include <catch2/catch.hpp>

#include "engine/exchange/formats.hpp"
#include "engine/torch.hpp"
#include "engine/train/drawn_folder.hpp"
#include "engine/train/options.hpp"
#include "engine/train/trainer.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

const Say silent = [](const std::string&) {};
const auto never = [] { return false; };

/// A training split of 9 images, one of them damaged, and a network.
struct Data {
  Data() {
    draw_folder(folder.path(), 5, 1);
    write_plain(folder / "train/dark/3.jpg", "no image");
    images = scan_image_folder(folder.path());
  }
  TemporaryFolder folder;
  ImageFolder images;
  ResNet model{find_resnet_spec("resnet18"), 2, 1, {at::kCPU, at::MemoryFormat::ChannelsLast}};
};

/// Batches of features, computed each time or kept.
struct Source {
  Source(const Data& data, LoaderOptions options, int keep, at::ScalarType compute = at::kFloat)
      : loader(data.images, data.images.train, View::train, options),
        backbone(data.model, compute, options.image_size, options.batch_size),
        features(loader, backbone, data.images.train, View::train, options, keep) {}
  Loader loader;
  FrozenBackbone backbone;
  FrozenFeatures features;
};

LoaderOptions options(int threads) {
  LoaderOptions chosen;
  chosen.threads = threads;
  chosen.image_size = 40;
  chosen.resize_size = 44;
  chosen.skip_unreadable = true;
  return chosen;
}

struct Seen {
  std::vector<Batch> batches;
  std::vector<int> next;  // next_batch() after each

  bool operator==(const Seen& other) const {
    const auto same = [](const Batch& a, const Batch& b) {
      return a.count == b.count && a.features == b.features && a.images == b.images && a.labels == b.labels &&
             a.samples == b.samples;
    };
    return next == other.next &&
           std::equal(batches.begin(), batches.end(), other.batches.begin(), other.batches.end(), same);
  }
};

Seen epoch_of(Batches& source, int epoch, int first_batch = 0) {
  source.start_epoch(epoch, first_batch);
  Seen seen;
  while (const Batch* batch = source.next()) {
    seen.batches.push_back(*batch);
    seen.next.push_back(source.next_batch());
  }
  return seen;
}

TrainOptions frozen_options(const TemporaryFolder& folder, const std::string& name) {
  TrainOptions options = logged_options(folder.path(), name);
  options.epochs = 3;
  options.best_metric = BestMetric::last;
  options.freeze_backbone = options.frozen_norm = true;
  return options;
}

std::string model_of(const TrainOptions& options) {
  return sha256_of_file(options.output_folder / "model.pt");
}

std::string refusal(const TrainOptions& options) {
  try {
    check_options(options);
  } catch (const Error& problem) {
    CHECK(problem.kind() == category::bad_input);
    return problem.what();
  }
  return "nothing was refused";
}

}  // namespace

TEST_CASE("kept features are those computed each time, to the bit, in every epoch", "[engine][train]") {
  const Data data;
  const at::ScalarType compute = GENERATE(at::kFloat, at::kBFloat16);
  const int draws = GENERATE(1, 2);
  LoaderOptions computing = options(0), keeping = options(2);
  computing.batch_size = keeping.batch_size = GENERATE(1, 4);
  computing.draws = keeping.draws = draws;
  Source computed(data, computing, 0, compute), kept(data, keeping, draws, compute);
  for (int epoch = 0; epoch < 5; ++epoch) {
    INFO("epoch " << epoch);
    const Seen expected = epoch_of(computed.features, epoch);
    CHECK(epoch_of(kept.features, epoch) == expected);
    CHECK(expected.batches.front().features == 512);
  }
  CHECK(kept.loader.skipped().size() == 1);
}

TEST_CASE("draws are used in turn, and epochs are shuffled anew", "[engine][train]") {
  const Data data;
  LoaderOptions chosen = options(0);
  chosen.batch_size = 16;  // all in one batch
  chosen.draws = 2;
  Source source(data, chosen, 2);
  std::vector<std::map<std::uint32_t, std::vector<float>>> epochs;
  std::vector<std::vector<std::uint32_t>> orders;
  for (int epoch = 0; epoch < 4; ++epoch) {
    const Batch batch = epoch_of(source.features, epoch).batches.at(0);
    orders.push_back(batch.samples);
    auto& of_sample = epochs.emplace_back();
    for (std::size_t i = 0; i < batch.samples.size(); ++i)
      of_sample[batch.samples[i]].assign(batch.images.begin() + static_cast<std::ptrdiff_t>(512 * i),
                                         batch.images.begin() + static_cast<std::ptrdiff_t>(512 * (i + 1)));
  }
  CHECK(epochs[0].size() == 9);
  CHECK(epochs[0] == epochs[2]);
  CHECK(epochs[1] == epochs[3]);
  CHECK(epochs[0] != epochs[1]);
  CHECK(orders[0] != orders[2]);
}

TEST_CASE(
    "features are kept of a draw that was seen whole, and an epoch begun in its middle is as it would be",
    "[engine][train]") {
  const Data data;
  LoaderOptions chosen = options(0);
  chosen.draws = 1;
  Source computed(data, chosen, 0), kept(data, chosen, 1);
  CHECK(epoch_of(kept.features, 1, 1) == epoch_of(computed.features, 1, 1));
  for (const int epoch : {2, 3}) CHECK(epoch_of(kept.features, epoch) == epoch_of(computed.features, epoch));
  const Seen late = epoch_of(kept.features, 4, 2);
  CHECK(late == epoch_of(computed.features, 4, 2));
  CHECK(late.batches.size() == 1);
  std::filesystem::remove_all(data.folder / "train");  // nothing is read any more
  CHECK(epoch_of(kept.features, 5).batches.size() == 3);
}

TEST_CASE("training from kept features gives the bytes of computing them each time", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 5, 2);
  TrainOptions computing = frozen_options(folder, "computing"), keeping = frozen_options(folder, "keeping");
  for (TrainOptions* options : {&computing, &keeping}) options->augmentation = Augmentation::none;
  computing.precision = keeping.precision = GENERATE(Precision::fp32, Precision::bf16);
  computing.batch_size = keeping.batch_size = GENERATE(1, 3, 16);
  computing.workers = 2;
  keeping.cache_features = 1;
  const json computed = train(computing, silent, never), kept = train(keeping, silent, never);
  CHECK(model_of(keeping) == model_of(computing));
  CHECK(metrics_of(keeping) == metrics_of(computing));
  CHECK(kept["epochs"] == computed["epochs"]);
  CHECK(computed["features"].is_null());
  CHECK(kept["features"] == json({{"draws", 1}, {"bytes", (10 + 4) * 512 * 4}}));
}

TEST_CASE("with an augmentation for every epoch, kept features are as good as none", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 4, 2);
  TrainOptions computing = frozen_options(folder, "computing"), keeping = frozen_options(folder, "keeping"),
               fixed = frozen_options(folder, "fixed");
  keeping.cache_features = keeping.epochs;
  fixed.cache_features = 1;
  for (const TrainOptions* options : {&computing, &keeping, &fixed}) train(*options, silent, never);
  CHECK(model_of(keeping) == model_of(computing));
  CHECK(metrics_of(keeping) == metrics_of(computing));
  CHECK(model_of(fixed) != model_of(computing));
}

TEST_CASE("a training from kept features that was stopped ends with the bytes of one that was not",
          "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 8, 2);  // four batches an epoch
  TrainOptions whole = frozen_options(folder, "whole"), stopped = frozen_options(folder, "stopped");
  for (TrainOptions* options : {&whole, &stopped}) options->cache_features = 2;
  train(whole, silent, never);
  stopped.checkpoint_folder = stopped.resume_from = folder / "stopped/checkpoints";
  stopped.resume_if_any = true;
  stopped.checkpoint_every = 1;
  for (const int call : {3, 4, 6}) {
    int asked = 0;
    CHECK_THROWS_AS(train(stopped, silent, [&] { return ++asked == call; }), Error);
  }
  train(stopped, silent, never);
  CHECK(model_of(stopped) == model_of(whole));
  CHECK(metrics_of(stopped) == metrics_of(whole));
}

TEST_CASE("a backbone with resting batch norm is saved as it was given", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 4, 2);
  TrainOptions options = frozen_options(folder, "run");
  options.cache_features = GENERATE(0, 1);
  const ResNet fresh(find_resnet_spec("resnet18"), 2, options.seed);
  train(options, silent, never);
  const StateDict saved = read_weights(options.output_folder / "model.pt");
  for (const auto& [name, tensor] : fresh.state().entries) {
    INFO(name);
    CHECK(saved.find(name)->equal(tensor) == !name.starts_with("fc."));
  }
}

TEST_CASE("kept features are refused where they would not be what they seem", "[engine][train]") {
  TrainOptions options;
  options.cache_features = 1;
  CHECK_THAT(refusal(options), Catch::Contains("--cache-features"));
  options.cache_features = 0;
  options.frozen_norm = true;
  CHECK_THAT(refusal(options), Catch::Contains("--frozen-norm"));
  options.freeze_backbone = true;
  CHECK(refusal(options) == "nothing was refused");
  options.mixup = 0.2;
  CHECK_THAT(refusal(options), Catch::Contains("--mixup"));
  options.mixup = 0;
  options.progressive_resize = 128;
  CHECK_THAT(refusal(options), Catch::Contains("--progressive-resize"));
  options.progressive_resize = 0;
  options.augmentation = Augmentation::none;
  options.cache_features = 2;
  CHECK_THAT(refusal(options), Catch::Contains("--cache-features 2"));
  options.cache_features = -1;
  CHECK_THAT(refusal(options), Catch::Contains("--cache-features -1"));
}
