// Ranks that share the one GPU of these tests: what they exchange, and how, is as with one for each.
#include <ATen/ops/allclose.h>

#include <catch2/catch.hpp>

#include "engine/exchange/formats.hpp"
#include "engine/train/drawn_folder.hpp"
#include "engine/train/numerics.hpp"
#include "engine/train/train_together.hpp"
#include "gpu/gpu.hpp"
#include "support/error.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

TrainOptions options_on_gpu(const TemporaryFolder& folder, const std::string& name) {
  TrainOptions options = logged_options(folder.path(), name);
  options.device = "cuda:0";
  options.precision = Precision::fp32;
  options.deterministic = true;
  options.batch_size = 2;
  options.epochs = 2;
  return options;
}

}  // namespace

TEST_CASE("two ranks on a GPU have the losses and weights of one process, whatever the bucket", "[gpu]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 8, 4);
  TrainOptions ranks = options_on_gpu(folder, "together"), alone = options_on_gpu(folder, "alone");
  alone.grad_accum = 2;
  ranks.grad_bucket = GENERATE(0, 4);
  const json report = train_together(ranks, 2), expected = train(alone, silent, never);
  CHECK(report.at("steps") == expected.at("steps"));
  CHECK(report.at("best_val_loss").get<double>() ==
        Approx(expected.at("best_val_loss").get<double>()).epsilon(1e-3));
  const StateDict theirs = read_weights(alone.output_folder / "model.pt"),
                  ours = read_weights(ranks.output_folder / "model.pt");
  for (const auto& [name, tensor] : theirs.entries) {
    INFO(name);
    CHECK(at::allclose(*ours.find(name), tensor, 1e-2, 1e-4));
  }
}

TEST_CASE("a rank without a GPU of its own is told so, and a graph of several ranks refused", "[gpu]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 2, 2);
  TrainOptions options = options_on_gpu(folder, "refused");
  const int devices = static_cast<int>(at::detail::getCUDAHooks().deviceCount());
  RankPlace place;
  place.world_size = place.on_host = devices + 1;
  place.rank = devices;
  CHECK(device_of_rank("auto", place) == "cpu");
  options.device = device_of_rank("cuda", place);
  CHECK_THROWS_AS(choose_numerics(options), Error);

  options.device = "cuda:0";
  options.cuda_graph = true;
  CHECK_THROWS_AS(train_together(options, 2), Error);
}
