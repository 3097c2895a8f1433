#include <catch2/catch.hpp>

#include "engine/train/checkpoint_store.hpp"
#include "engine/train/drawn_folder.hpp"
#include "engine/train/state.hpp"
#include "engine/train/trainer.hpp"
#include "gpu/gpu.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

const Say silent = [](const std::string&) {};
const auto never = [] { return false; };

TrainOptions options_on_gpu(const TemporaryFolder& folder, const std::string& name) {
  TrainOptions options = logged_options(folder.path(), name);
  options.device = "cuda";
  options.epochs = 6;
  options.batch_size = 2;
  return options;
}

}  // namespace

TEST_CASE("a training on the GPU learns, in each precision, with a CUDA graph and without", "[gpu]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 9, 4);
  TrainOptions options = options_on_gpu(folder, "training");
  options.precision = GENERATE(Precision::fp32, Precision::bf16, Precision::fp16);
  options.cuda_graph = GENERATE(false, true);
  options.deterministic = options.cuda_graph;
  const json report = train(options, silent, never);
  CHECK(report.at("steps") == 54);
  CHECK(report.at("best_val_acc") == 1.0);
}

TEST_CASE("the kept features of a frozen backbone train fc on the GPU", "[gpu]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 4, 2);
  TrainOptions options = options_on_gpu(folder, "frozen");
  options.freeze_backbone = options.frozen_norm = true;
  options.cache_features = 1;
  CHECK(train(options, silent, never).at("steps") == 24);
}

TEST_CASE("a checkpoint from the GPU is read on the CPU, tensor by tensor", "[gpu]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 4, 2);
  TrainOptions options = options_on_gpu(folder, "saved");
  options.precision = Precision::fp16;
  options.checkpoint_folder = folder / "checkpoints";
  train(options, silent, never);
  const auto saved = read_newest_checkpoint(options.checkpoint_folder, silent);
  REQUIRE(saved.has_value());

  ResNet model(find_resnet_spec(options.arch), 2, 0, kHost);
  TrainState state{.model = std::move(model), .optimiser = nullptr};
  state.optimiser = make_optimiser(state.model, options);
  state.scaler.emplace(at::kCPU);
  restore_tensors(saved->tensors, "the checkpoint", state);
  CHECK(state.scaler->scale() == saved->tensors.find("scaler.scale")->item<float>());
  CHECK(state.model.state().find("fc.weight")->equal(*saved->tensors.find("model.fc.weight")));
  CHECK(state.optimiser->state().entries.front().second.abs().max().item<float>() > 0);
}
