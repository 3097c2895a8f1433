#include "engine/train/options.hpp"

#include <string>

#include "support/error.hpp"

namespace amltrain::engine {
namespace {

// A smaller crop leaves one pixel after the last stage: batch norm has no variance to speak of in a batch of
// one.
constexpr int kSmallestImage = 33;

template <typename Number>
void require(bool fine, const char* option, Number value, const std::string& rule) {
  if (fine) return;
  std::string words = std::to_string(value);
  throw Error(category::bad_input, std::string(option) + " " + words + " can't be used", rule);
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
  require(options.checkpoint_every >= 0, "--checkpoint-every", options.checkpoint_every,
          "it is a number of steps; 0: at the end of each epoch");
  require(options.cache_memory >= 0, "--cache-memory", options.cache_memory,
          "it is a number of MiB; 0: no image is kept");
  require(options.log_every >= 1, "--log-every", options.log_every, "it must be 1 or more");
}

}  // namespace amltrain::engine
