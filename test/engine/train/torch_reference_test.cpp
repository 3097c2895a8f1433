#include <catch2/catch.hpp>

#include "engine/exchange/formats.hpp"
#include "engine/torch.hpp"
#include "engine/train/drawn_folder.hpp"
#include "engine/train/one_step.hpp"
#include "engine/train/schedule.hpp"
#include "engine/train/sgd.hpp"
#include "engine/train/trainer.hpp"
#include "image/reference.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

TEST_CASE("twenty steps lose what torch.optim.SGD loses, and StepLR's table is ours",
          "[engine][train][reference]") {
  if (!have_reference()) return;
  const auto format = GENERATE(at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast);
  const TemporaryFolder folder;
  const json expected =
      run_reference("train_sgd.py", folder.path(),
                    {format == at::MemoryFormat::ChannelsLast ? "channels_last" : "contiguous"});
  const ResNet model(find_resnet_spec("resnet18"), 3, 0, {at::kCPU, format});
  load_state(model, read_weights(folder / "weights.safetensors"), "weights.safetensors", Head::load);
  const StateDict batches = read_weights(folder / "batches.safetensors");
  Sgd optimiser({{model.trainable()}}, expected.at("momentum"));
  double largest = 0;
  for (std::size_t step = 0; step < 20; ++step) {
    const auto index = static_cast<std::int64_t>(step);
    const double loss = one_step(model, optimiser, expected.at("learning_rate"),
                                 (*batches.find("images"))[index], (*batches.find("labels"))[index])
                            .loss;
    const auto theirs = expected.at("losses").at(step).get<double>();
    largest = std::max(largest, std::abs(loss - theirs) / theirs);
    INFO("step " << step);
    CHECK(loss == Approx(theirs).epsilon(1e-4));
  }
  WARN("largest relative difference of the loss in 20 steps: " << largest);
  for (int epoch = 0; epoch < 25; ++epoch)
    CHECK(step_lr(expected.at("learning_rate"), 0.1, 7, epoch) == expected.at("rates").at(epoch));
}

TEST_CASE("Python loads the saved model strictly and computes its logits", "[engine][train][reference]") {
  if (!have_reference()) return;
  const TemporaryFolder folder;
  draw_folder(folder / "data", 4, 2);
  TrainOptions options = quick_options(folder / "data", folder / "out");
  options.precision = GENERATE(Precision::fp32, Precision::bf16);
  train(
      options, [](const std::string&) {}, [] { return false; });
  const std::string file = folder / "out/model.pt";
  run_reference("train_saved_model.py", folder.path(), {file, "2"});
  const StateDict result = read_weights(folder / "result.safetensors");
  ResNet model(find_resnet_spec("resnet18"), 2, 0);
  load_state(model, read_weights(file), file, Head::load);
  const at::Tensor logits = infer(model, *result.find("images"), at::kFloat);
  CHECK(logits.sub(*result.find("logits")).abs().max().item<double>() < 1e-5);
}
