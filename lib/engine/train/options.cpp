#include "engine/train/options.hpp"

#include <string>

#include "support/error.hpp"

namespace amltrain::engine {
namespace {

template <typename Number>
void require(bool fine, const char* option, Number value, const std::string& rule) {
  if (fine) return;
  std::string words = std::to_string(value);
  throw Error(category::bad_input, std::string(option) + " " + words + " can't be used", rule);
}

void check_optimisation(const TrainOptions& options) {
  require(options.weight_decay >= 0 && options.weight_decay <= 1, "--weight-decay", options.weight_decay,
          "it must be at least 0 and at most 1");
  require(options.warmup_epochs >= 0 && options.warmup_epochs <= options.epochs, "--warmup-epochs",
          options.warmup_epochs, "it must be at least 0 and at most --num-epochs");
  require(options.backbone_lr_scale > 0 && options.backbone_lr_scale <= 1e6, "--backbone-lr-scale",
          options.backbone_lr_scale, "it must be above 0; to leave the backbone as it is: --freeze backbone");
  require(options.unfreeze_epoch >= 0 && options.unfreeze_epoch < options.epochs, "--unfreeze-epoch",
          options.unfreeze_epoch, "it must be at least 0 and below --num-epochs");
  require(options.unfreeze_epoch == 0 || !options.freeze_backbone, "--unfreeze-epoch", options.unfreeze_epoch,
          "--freeze backbone is for the whole training: give one of the two");
  require(options.grad_accum >= 1, "--grad-accum", options.grad_accum,
          "it is a number of batches, 1 or more");
  require(options.grad_bucket >= 0, "--grad-bucket", options.grad_bucket,
          "it is a number of MiB; 0: all gradients at once");
  require(options.clip_grad_norm >= 0 && options.clip_grad_norm <= 1e9, "--clip-grad-norm",
          options.clip_grad_norm, "it must be at least 0, which is: not clipped");
}

void check_device(const TrainOptions& options) {
  if (!options.cuda_graph) return;
  require(options.grad_accum == 1, "--grad-accum", options.grad_accum,
          "a CUDA graph holds whole steps: leave out --cuda-graph");
  require(options.mixup == 0, "--mixup", options.mixup,
          "it is another computation for each batch: leave out --cuda-graph");
}

void check_frozen(const TrainOptions& options) {
  require(options.cache_features >= 0, "--cache-features", options.cache_features,
          "it is a number of augmentations an image, 1 or more; 0: nothing is kept");
  if (!options.frozen_norm && options.cache_features == 0) return;
  const char* option = options.cache_features > 0 ? "--cache-features" : "--frozen-norm";
  if (!options.freeze_backbone)
    throw Error(category::bad_input, std::string(option) + " is for a backbone that is not trained",
                "add --freeze backbone");
  if (options.mixup > 0)
    throw Error(category::bad_input, std::string(option) + " can't be used with --mixup, which mixes images",
                "leave one of the two out");
  if (options.tta_flip)
    throw Error(category::bad_input,
                std::string(option) + " can't be used with --tta-flip, which looks at images",
                "leave one of the two out");
  require(options.progressive_resize == 0, "--progressive-resize", options.progressive_resize,
          std::string("features are of one image size: leave out ") + option);
  require(options.cache_features <= 1 || options.augmentation != Augmentation::none, "--cache-features",
          options.cache_features, "with --augmentation none there is one view of an image: give 1");
}

void check_regularisation(const TrainOptions& options) {
  require(options.label_smoothing >= 0 && options.label_smoothing < 1, "--label-smoothing",
          options.label_smoothing, "it must be at least 0 and below 1");
  require(options.mixup >= 0 && options.mixup <= 1000, "--mixup", options.mixup,
          "it must be at least 0, which is: none, and at most 1000");
  require(options.ema >= 0 && options.ema < 1, "--ema", options.ema, "it must be at least 0 and below 1");
  require(options.early_stop >= 0, "--early-stop", options.early_stop, "it is a number of epochs; 0: never");
  require(options.early_stop == 0 || options.best_metric != BestMetric::last, "--early-stop",
          options.early_stop, "with --best-metric last each epoch is the best: name val_acc or val_loss");
}

}  // namespace

void check_options(const TrainOptions& options) {
  require(options.epochs >= 1, "--num-epochs", options.epochs, "it must be 1 or more");
  require(options.batch_size >= 1, "--batch-size", options.batch_size, "it must be 1 or more");
  require(options.workers >= 0, "--workers", options.workers, "it must be 0 or more");
  require(options.learning_rate > 0 && options.learning_rate < 1e6, "--learning-rate", options.learning_rate,
          "it must be above 0");
  require(options.momentum >= 0 && options.momentum < 1, "--momentum", options.momentum,
          "it must be at least 0 and below 1");
  require(options.lr_step >= 1, "--lr-step", options.lr_step, "it is a number of epochs, 1 or more");
  require(options.lr_gamma > 0 && options.lr_gamma <= 1, "--lr-gamma", options.lr_gamma,
          "it must be above 0 and at most 1");
  require(options.threads >= 0, "--threads", options.threads, "it must be 0 (all cores) or more");
  require(options.image_size >= kSmallestImage, "--image-size", options.image_size,
          "it must be " + std::to_string(kSmallestImage) + " or more");
  require(options.resize_size >= options.image_size, "--resize-size", options.resize_size,
          "it must be at least the image size, " + std::to_string(options.image_size));
  require(options.progressive_resize == 0 || (options.progressive_resize >= kSmallestImage &&
                                              options.progressive_resize <= options.image_size),
          "--progressive-resize", options.progressive_resize,
          "it must be from " + std::to_string(kSmallestImage) + " to the image size, or 0");
  require(options.checkpoint_every >= kAutomaticCheckpoints, "--checkpoint-every", options.checkpoint_every,
          "it is a number of steps; 0: at the end of each epoch");
  require(options.cache_memory >= 0, "--cache-memory", options.cache_memory,
          "it is a number of MiB; 0: no image is kept");
  check_optimisation(options);
  check_regularisation(options);
  check_frozen(options);
  check_device(options);
  require(options.log_every >= 1, "--log-every", options.log_every, "it must be 1 or more");
}

}  // namespace amltrain::engine
