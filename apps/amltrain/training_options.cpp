// The built-in trainer's options for those who train for a better result: each is off, or the tutorial's, by
// default.
#include "checks.hpp"
#include "engine/choices.hpp"
#include "trainer_options.hpp"

namespace amltrain::cli {
namespace {

constexpr long long kMany = 1'000'000;
constexpr const char* kOptimisation = "Optimiser and schedule of the trainer";
constexpr const char* kGuards = "Guards of the trainer";
constexpr const char* kRegularisation = "Against overfitting";
constexpr const char* kFrozen = "Training the last layer alone";

}  // namespace

void TrainerOptions::add_optimisation(CLI::App& command) {
  auto& v = values_;
  const auto option = [&](const char* name, auto& value, const char* argument, const char* description) {
    return add(command.add_option(name, value, description), argument, kOptimisation);
  };
  one_of(option("--optimizer", optimizer_, "", "sgd, or adamw with torch's betas and epsilon"),
         engine::words_of(v.optimizer));
  option("--momentum", v.momentum, "X", "Of sgd")->check(real_number(0, 0.999999));
  option("--weight-decay", v.weight_decay, "X", "Of sgd, or decoupled of adamw")->check(real_number(0, 1));
  one_of(option("--scheduler", scheduler_, "",
                "step: a decay every --lr-step epochs; cosine: to 0 at the end, step by step; constant"),
         engine::words_of(v.scheduler));
  option("--lr-step", v.lr_step, "N", "Epochs between decays of the learning rate")
      ->check(whole_number(1, kMany));
  option("--lr-gamma", v.lr_gamma, "X", "Factor of each decay")->check(real_number(1e-12, 1));
  option("--warmup-epochs", v.warmup_epochs, "X",
         "Epochs, or a part of one, in which the learning rate rises to its value")
      ->check(real_number(0, 1e6));
  one_of(option("--scale-lr", scale_lr_, "",
                "linear: times the batches of a step, of all ranks, to which it rises in the warm-up (where "
                "--warmup-epochs is 0: five epochs, at most a fifth of them)"),
         engine::words_of(v.scale_lr));
  option("--backbone-lr-scale", v.backbone_lr_scale, "X",
         "Learning rate of all but the last layer, as a share of --learning-rate")
      ->check(real_number(1e-6, 1e6));
  option("--unfreeze-epoch", v.unfreeze_epoch, "N",
         "First epoch that trains more than the last layer; 0: all is trained from the start")
      ->check(whole_number(0, kMany));
  option("--grad-accum", v.grad_accum, "N",
         "Batches an optimiser step: the gradient is the mean over their images")
      ->check(whole_number(1, kMany));
  option("--clip-grad-norm", v.clip_grad_norm, "X", "Longest gradient, all weights taken together; 0: any")
      ->check(real_number(0, 1e9));
  option(
      "--grad-bucket", v.grad_bucket, "MIB",
      "Gradients of several ranks are exchanged by so many MiB while the backward pass goes on; 0: after it, "
      "all at once; the result is the same")
      ->check(whole_number(0, 65536));
  option(
      "--rank-timeout", rank_timeout_, "SECONDS",
      "Of several ranks: one that gives no sign of itself for so long, and for four times its longest pause "
      "between two batches, is taken for stuck")
      ->check(whole_number(1, 86400));
  one_of(option("--grad-dtype", grad_dtype_, "",
                "As which gradients go from host to host, where ranks of several train together; bf16: half "
                "the bytes"),
         engine::words_of(v.grad_dtype));
}

void TrainerOptions::add_frozen(CLI::App& command) {
  auto& v = values_;
  one_of(add(command.add_option("--freeze", freeze_, "Leave all but the last layer as it is"), "", kFrozen),
         {"backbone"});
  add(command.add_flag("--frozen-norm", v.frozen_norm,
                       "A frozen backbone's batch norm rests too, instead of following the data"),
      "", kFrozen);
  add(command.add_option("--cache-features", v.cache_features,
                         "Run each image through the frozen backbone once for each of N augmentations, which "
                         "the epochs use in turn (less variety where N is below --num-epochs), and keep what "
                         "comes out in memory; with --frozen-norm; 0: run it each time"),
      "N", kFrozen)
      ->check(whole_number(0, kMany));
}

void TrainerOptions::add_regularisation(CLI::App& command) {
  auto& v = values_;
  const auto option = [&](const char* name, auto& value, const char* argument, const char* description) {
    return add(command.add_option(name, value, description), argument, kRegularisation);
  };
  one_of(option("--augmentation", augmentation_, "",
                "tutorial: random crop and flip; none: training images are seen as validation images are"),
         engine::words_of(v.augmentation));
  option("--label-smoothing", v.label_smoothing, "X", "Share of a label that is spread over all classes")
      ->check(real_number(0, 0.999999));
  option("--mixup", v.mixup, "ALPHA", "Mix pairs of images by shares from Beta(ALPHA, ALPHA); 0: none")
      ->check(real_number(0, 1000));
  option("--ema", v.ema, "DECAY",
         "Validate and save a moving average of the weights and of batch norm's statistics; 0: none")
      ->check(real_number(0, 0.999999999));
  one_of(option("--best-metric", best_metric_, "", "What decides which epoch's weights are saved"),
         engine::words_of(v.best_metric));
  option("--early-stop", v.early_stop, "PATIENCE",
         "Stop after so many epochs without a better --best-metric; 0: never")
      ->check(whole_number(0, kMany));
}

void TrainerOptions::add_validation(CLI::App& command) {
  add(command.add_flag("--tta-flip", values_.tta_flip,
                       "Validate each image and its mirror image, by the mean of their logits"),
      "", kRegularisation);
}

void TrainerOptions::add_guards(CLI::App& command) {
  one_of(add(command.add_option(
                 "--on-divergence", on_divergence_,
                 "When the loss grows to several times what it was: stop, or go back once to the "
                 "start of the epoch, and on at a tenth of the rate; off: stop at no number alone"),
             "", kGuards),
         engine::words_of(values_.on_divergence));
}

}  // namespace amltrain::cli
