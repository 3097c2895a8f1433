#include "engine/train/trainer.hpp"

#include <cmath>
#include <optional>

#include "engine/data/loader.hpp"
#include "engine/torch.hpp"
#include "engine/train/metrics.hpp"
#include "engine/train/options.hpp"
#include "engine/train/outputs.hpp"
#include "engine/train/progress.hpp"
#include "engine/train/report.hpp"
#include "engine/train/start.hpp"
#include "engine/train/step.hpp"
#include "engine/train/words.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain::engine {
namespace {

constexpr std::chrono::seconds kProgressInterval{5};
constexpr int kValidationBatch =
    16;  // of any size the result is the same; more costs memory, less costs time

LoaderOptions loader_options(const TrainOptions& options, int batch_size) {
  return {.batch_size = batch_size,
          .threads = options.workers,
          .prefetch_batches = 2 + 8 / batch_size,  // small batches vary more in what they cost to decode
          .image_size = options.image_size,
          .resize_size = options.resize_size,
          .seed = options.seed,
          .skip_unreadable = options.skip_unreadable};
}

std::int64_t images_in_all(const Split& split, const TrainOptions& options) {
  return static_cast<std::int64_t>(split.samples.size()) * options.epochs;
}

/// The tutorial's running_loss and running_corrects.
struct Running {
  double loss = 0;
  std::int64_t correct = 0, images = 0;

  void add(const BatchResult& batch, int count) {
    loss += batch.loss * count;
    correct += batch.correct;
    images += count;
  }
  double mean_loss() const { return loss / static_cast<double>(images); }
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(images); }
};

class Training {
 public:
  Training(const TrainOptions& options, const ImageFolder& folder, const Numerics& numerics, const Say& say,
           const std::function<bool()>& stop)
      : options_(options),
        say_(say),
        stop_(stop),
        numerics_(numerics),
        folder_(folder),
        model_(starting_model(options, static_cast<std::int64_t>(folder_.classes.size()),
                              numerics_.placement(), say)),
        optimiser_(model_.trainable(), options.momentum),
        train_loader_(folder_, folder_.train, View::train, loader_options(options, options.batch_size)),
        val_loader_(folder_, folder_.val, View::validation,
                    loader_options(options, std::max(options.batch_size, kValidationBatch))),
        metrics_(options.metrics_file),
        progress_(say, images_in_all(folder_.train, options), images_in_all(folder_.val, options),
                  kProgressInterval) {}

  json run() {
    const auto start = std::chrono::steady_clock::now();
    for (int epoch = 0; epoch < options_.epochs; ++epoch) {
      say_(words("Epoch %d/%d", epoch, options_.epochs - 1));
      say_("----------");
      const double rate = step_lr(options_.learning_rate, options_.lr_gamma, options_.lr_step, epoch);
      const Running train = train_phase(epoch, rate);
      const Evaluation val = validation_phase(epoch);
      finish_epoch({epoch, rate, train.mean_loss(), train.accuracy(), val.loss, val.accuracy}, val);
    }
    summary_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    say_("Training complete in " + minutes_and_seconds(summary_.seconds));
    say_(words("Best val Acc: %4f", best_->accuracy));
    return write_results();
  }

 private:
  Running train_phase(int epoch, double rate) {
    Running running;
    progress_.start(epoch, Progress::Phase::train);
    train_loader_.start_epoch(epoch);
    model_.set_training(true);
    while (const Batch* batch = train_loader_.next()) {
      throw_if_stopped(epoch);
      const Placement& placement = model_.placement();
      const BatchResult result =
          train_step(model_, optimiser_, rate, images_of(*batch, options_.image_size, placement),
                     labels_of(*batch, placement), numerics_.bf16);
      ++summary_.steps;
      if (!std::isfinite(result.loss)) throw_diverged(epoch, *batch);
      running.add(result, batch->count);
      progress_.add(batch->count, summary_.steps);
      if (summary_.steps % options_.log_every == 0)
        metrics_.write(summary_.steps, epoch,
                       {{"lr", rate},
                        {"train_loss", running.mean_loss()},
                        {"train_acc", running.accuracy()},
                        {"images_per_second", progress_.images_per_second()}});
    }
    if (running.images == 0) throw Error(category::bad_input, "no image of the training split can be read");
    say_(words("train Loss: %.4f Acc: %.4f", running.mean_loss(), running.accuracy()));
    return running;
  }

  Evaluation validation_phase(int epoch) {
    progress_.start(epoch, Progress::Phase::val);
    Evaluation val = evaluate(model_, val_loader_, options_.image_size, numerics_.bf16, [&](int count) {
      throw_if_stopped(epoch);
      progress_.add(count, summary_.steps);
    });
    say_(words("val Loss: %.4f Acc: %.4f", val.loss, val.accuracy));
    say_("");
    return val;
  }

  void finish_epoch(const EpochResult& result, const Evaluation& val) {
    if (!best_ || val.accuracy > best_->accuracy) {
      best_ = val;
      summary_.best_epoch = result.epoch;
      if (best_state_.entries.empty())
        best_state_ = copy_state(model_);
      else
        copy_state(model_, best_state_);
    }
    summary_.epochs.push_back(result);
    metrics_.write(summary_.steps, result.epoch,
                   {{"lr", result.learning_rate},
                    {"momentum", options_.momentum},
                    {"train_loss", result.train_loss},
                    {"train_acc", result.train_accuracy},
                    {"val_loss", result.val_loss},
                    {"val_acc", result.val_accuracy},
                    {"best_val_acc", best_->accuracy},
                    {"images_per_second", progress_.images_per_second()}});
  }

  json write_results() {
    summary_.images_per_second = progress_.images_per_second();
    for (const Loader* loader : {&train_loader_, &val_loader_}) {
      const std::vector<UnreadableFile> skipped = loader->skipped();
      summary_.skipped.insert(summary_.skipped.end(), skipped.begin(), skipped.end());
    }
    if (!summary_.skipped.empty()) say_(words("%zu unreadable images were skipped", summary_.skipped.size()));
    json report = training_report(options_, numerics_, summary_, best_->confusion, folder_.classes);
    write_outputs(options_.output_folder, best_state_, folder_.classes, report);
    return report;
  }

  void throw_if_stopped(int epoch) const {
    if (stop_())
      throw Error(category::canceled, words("the training was stopped in epoch %d after step %lld", epoch,
                                            static_cast<long long>(summary_.steps)));
  }

  [[noreturn]] void throw_diverged(int epoch, const Batch& batch) const {
    std::vector<std::string> files;
    for (const std::uint32_t sample : batch.samples) files.push_back(folder_.train.samples.at(sample).path);
    throw Error(category::run_failed,
                words("the loss is not a finite number at step %lld (epoch %d), with the batch ",
                      static_cast<long long>(summary_.steps), epoch) +
                    join(files, ", "),
                "lower --learning-rate, or look at these images");
  }

  const TrainOptions& options_;
  const Say& say_;
  const std::function<bool()>& stop_;
  const Numerics& numerics_;
  const ImageFolder& folder_;
  ResNet model_;
  Sgd optimiser_;
  Loader train_loader_, val_loader_;
  MetricLog metrics_;
  Progress progress_;
  TrainingSummary summary_;
  std::optional<Evaluation> best_;
  StateDict best_state_;
};

}  // namespace

json train(const TrainOptions& options, const Say& say, const std::function<bool()>& stop) {
  check_options(options);
  tune_allocator();
  const ImageFolder folder = scan_image_folder(options.data);
  say(words("data: %zu images to train, %zu to validate, %zu classes (", folder.train.samples.size(),
            folder.val.samples.size(), folder.classes.size()) +
      join(folder.classes, ", ") + ")");
  const Numerics numerics = choose_numerics(options);
  say("compute: " + numerics.words());
  return Training(options, folder, numerics, say, stop).run();
}

}  // namespace amltrain::engine
