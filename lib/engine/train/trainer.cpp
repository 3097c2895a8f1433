#include "engine/train/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/data/loader.hpp"
#include "engine/torch.hpp"
#include "engine/train/checkpoint_writer.hpp"
#include "engine/train/loading.hpp"
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

std::int64_t images_in_all(const Split& split, const TrainOptions& options) {
  return static_cast<std::int64_t>(split.samples.size()) * options.epochs;
}

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
        train_loader_(folder_, folder_.train, View::train, train_loading(options, numerics, folder)),
        val_loader_(folder_, folder_.val, View::validation, val_loading(options, numerics, folder)),
        metrics_(options.metrics_file),
        progress_(say, images_in_all(folder_.train, options), images_in_all(folder_.val, options),
                  kProgressInterval),
        match_(checkpoint_match(options, numerics, folder)),
        writer_(options.checkpoint_folder) {}

  json run() {
    const auto start = std::chrono::steady_clock::now();
    const Checkpoint begin = begin_or_resume();
    for (int epoch = begin.epoch; epoch < options_.epochs; ++epoch) {
      say_(words("Epoch %d/%d", epoch, options_.epochs - 1));
      say_("----------");
      const double rate = step_lr(options_.learning_rate, options_.lr_gamma, options_.lr_step, epoch);
      const bool resumed = epoch == begin.epoch;
      const Running train =
          train_phase(epoch, rate, resumed ? begin.batch : 0, resumed ? begin.running : Running());
      const Evaluation val = validation_phase(epoch);
      finish_epoch({epoch, rate, train.mean_loss(), train.accuracy(), val.loss, val.accuracy}, val);
      checkpoint(epoch + 1, 0, Running());
    }
    writer_.wait();
    summary_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    say_("Training complete in " + minutes_and_seconds(summary_.seconds));
    say_(words("Best val Acc: %4f", best_->accuracy));
    return write_results();
  }

 private:
  Checkpoint begin_or_resume() {
    if (!options_.resume_from.empty()) {
      auto newest = read_newest_checkpoint(options_.resume_from, say_);
      if (newest) {
        resume(*newest);
        return std::move(*newest);
      }
      if (!options_.resume_if_any)
        throw Error(category::not_found, "no checkpoint in " + options_.resume_from.string(),
                    "give the --checkpoint-dir of the training to go on with");
      say_("resume: no checkpoint yet, the training begins");
    } else if (writer_.enabled() && has_checkpoints(options_.checkpoint_folder)) {
      throw Error(category::conflict,
                  options_.checkpoint_folder.string() + " holds the checkpoints of an earlier training",
                  "go on with it: --resume auto; or name another --checkpoint-dir");
    }
    // A document without tensors: a training that is killed before its first checkpoint begins again, with a
    // metrics file as it was.
    if (writer_.enabled()) write_checkpoint(options_.checkpoint_folder, state_at(0, 0, Running()));
    return {};
  }

  void resume(const Checkpoint& from) {
    const std::string origin = "the checkpoint in " + options_.resume_from.string();
    require_match(from.match, match_, origin);
    if (!from.tensors.entries.empty()) unpack_tensors(from.tensors, origin, model_, optimiser_, best_state_);
    summary_ = from.summary;
    best_ = from.best;
    if (!return_to_mark(options_.metrics_file, from.metrics))
      say_("the metrics from before the checkpoint are not in " + options_.metrics_file.string());
    say_(words("resumed in epoch %d after step %lld", from.epoch, static_cast<long long>(summary_.steps)));
    // A folder of its own has at once what this training can be resumed from.
    if (writer_.enabled() && !has_checkpoints(options_.checkpoint_folder)) {
      Checkpoint copy = from;
      copy.metrics = mark_metrics(options_.metrics_file);
      writer_.write(std::move(copy));
    }
  }

  Checkpoint state_at(int epoch, int batch, const Running& running) const {
    Checkpoint state;
    state.match = match_;
    state.epoch = epoch;
    state.batch = batch;
    state.running = running;
    state.summary = summary_;
    state.summary.skipped = skipped();
    state.best = best_;
    state.metrics = mark_metrics(options_.metrics_file);
    return state;
  }

  void checkpoint(int epoch, int batch, const Running& running) {
    if (!writer_.enabled()) return;
    writer_.wait();  // what it writes is the memory that is filled now
    pack_tensors(model_, optimiser_, best_state_, packed_);
    Checkpoint state = state_at(epoch, batch, running);
    state.tensors = packed_;
    writer_.write(std::move(state));
  }

  /// Between two steps one that comes due while the last is still being written is left out: the step is
  /// never kept waiting.
  bool checkpoint_is_due() const {
    return writer_.enabled() && options_.checkpoint_every > 0 &&
           summary_.steps % options_.checkpoint_every == 0 && !writer_.busy();
  }

  Running train_phase(int epoch, double rate, int first_batch, Running running) {
    progress_.start(epoch, Progress::Phase::train);
    train_loader_.start_epoch(epoch, first_batch);
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
      if (checkpoint_is_due()) checkpoint(epoch, train_loader_.next_batch(), running);
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
      if (best_state_.entries.empty() || writer_.enabled())
        best_state_ = copy_state(model_);  // the old one may be on its way to disk
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
    summary_.skipped = skipped();
    if (!summary_.skipped.empty()) say_(words("%zu unreadable images were skipped", summary_.skipped.size()));
    json report = training_report(options_, numerics_, summary_, best_->confusion, folder_.classes);
    write_outputs(options_.output_folder, best_state_, folder_.classes, report);
    return report;
  }

  /// By this process and by those that it goes on from, each file once.
  std::vector<UnreadableFile> skipped() const {
    std::vector<UnreadableFile> files = summary_.skipped;
    for (const Loader* loader : {&train_loader_, &val_loader_})
      for (UnreadableFile& file : loader->skipped())
        if (std::ranges::find(files, file.path, &UnreadableFile::path) == files.end())
          files.push_back(std::move(file));
    return files;
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
  StateDict best_state_, packed_;
  json match_;
  CheckpointWriter writer_;  // last: its destructor waits, and it writes packed_
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
