#include "engine/recipe.hpp"

#include <algorithm>

namespace amltrain::engine {

std::vector<std::string> recipe_names() { return {"tutorial", "fast"}; }

void apply_recipe(TrainOptions& options, const std::function<bool(const std::string& option)>& given) {
  if (options.recipe != "fast") return;
  const auto set = [&](const char* option, auto& value, auto wanted) {
    if (!given(option)) value = wanted;
  };
  set("--batch-size", options.batch_size, 16);
  set("--optimizer", options.optimizer, OptimizerKind::adamw);
  set("--learning-rate", options.learning_rate, 0.0005);
  set("--weight-decay", options.weight_decay, 0.05);
  set("--scheduler", options.scheduler, SchedulerKind::cosine);
  set("--warmup-epochs", options.warmup_epochs, std::min(1.0, options.epochs / 10.0));
  set("--label-smoothing", options.label_smoothing, 0.1);
  set("--ema", options.ema, 0.98);
  if (!options.frozen_norm && options.cache_features == 0)  // features are of one image size
    set("--progressive-resize", options.progressive_resize,
        std::max(kSmallestImage, options.image_size * 4 / 7));
}

}  // namespace amltrain::engine
