#include "engine/train/options_record.hpp"

#include "engine/choices.hpp"

namespace amltrain::engine {

json deciding_options(const TrainOptions& options, const Numerics& numerics) {
  return {{"--arch", options.arch},
          {"--weights", options.weights},
          {"--num-epochs", options.epochs},
          {"--batch-size", options.batch_size},
          {"--learning-rate", options.learning_rate},
          {"--momentum", options.momentum},
          {"--lr-step", options.lr_step},
          {"--lr-gamma", options.lr_gamma},
          {"--seed", options.seed},
          {"--precision", numerics.precision()},
          {"--freeze", options.freeze_backbone ? "backbone" : ""},
          {"--frozen-norm", options.frozen_norm},
          {"--cache-features", options.cache_features},
          {"--augmentation", word_of(options.augmentation)},
          {"--image-size", options.image_size},
          {"--progressive-resize", options.progressive_resize},
          {"--resize-size", options.resize_size},
          {"--decode", options.scaled_decode ? "scaled" : "exact"},
          {"--threads", numerics.threads},
          {"--device", numerics.device.is_cpu() ? "cpu" : "cuda"},
          {"--deterministic", options.deterministic},
          {"--log-every", options.log_every},
          {"--skip-unreadable", options.skip_unreadable},
          {"--optimizer", word_of(options.optimizer)},
          {"--weight-decay", options.weight_decay},
          {"--scheduler", word_of(options.scheduler)},
          {"--warmup-epochs", options.warmup_epochs},
          {"--scale-lr", word_of(options.scale_lr)},
          {"--backbone-lr-scale", options.backbone_lr_scale},
          {"--unfreeze-epoch", options.unfreeze_epoch},
          {"--grad-accum", options.grad_accum},
          {"--clip-grad-norm", options.clip_grad_norm},
          {"--grad-dtype", word_of(options.grad_dtype)},
          {"--label-smoothing", options.label_smoothing},
          {"--mixup", options.mixup},
          {"--tta-flip", options.tta_flip},
          {"--ema", options.ema},
          {"--best-metric", word_of(options.best_metric)},
          {"--early-stop", options.early_stop},
          {"--on-divergence", word_of(options.on_divergence)}};
}

std::string other_than_default(const TrainOptions& options, const Numerics& numerics) {
  const json defaults = deciding_options(TrainOptions(), numerics),
             chosen = deciding_options(options, numerics);
  std::string words;
  for (const auto& [name, value] : chosen.items()) {
    if (value == defaults.at(name)) continue;
    words += (words.empty() ? "" : " ") + name + ' ' +
             (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return words;
}

}  // namespace amltrain::engine
