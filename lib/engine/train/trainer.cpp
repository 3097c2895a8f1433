#include "engine/train/trainer.hpp"

#include <bit>
#include <exception>

#include "engine/parallel/join.hpp"
#include "engine/train/checkpoint.hpp"
#include "engine/train/loading.hpp"
#include "engine/train/options.hpp"
#include "engine/train/options_record.hpp"
#include "engine/train/outputs.hpp"
#include "engine/train/phases.hpp"
#include "engine/train/snapshot.hpp"
#include "engine/train/start.hpp"
#include "engine/train/words.hpp"
#include "support/error.hpp"
#include "support/hash.hpp"
#include "support/text.hpp"

namespace amltrain::engine {
namespace {

constexpr std::chrono::seconds kProgressInterval{5};

std::int64_t images_in_all(const Split& split, const TrainOptions& options) {
  return static_cast<std::int64_t>(split.samples.size()) * options.epochs;
}

TrainState starting_state(const TrainOptions& options, std::int64_t classes, const Numerics& numerics,
                          const Say& say) {
  ResNet model = starting_model(options, classes, numerics.placement(), say);
  TrainState state{.model = std::move(model), .optimiser = nullptr};
  state.optimiser = make_optimiser(state.model, options);
  if (options.ema > 0) state.ema.emplace(state.model, options.ema);
  if (numerics.fp16) state.scaler.emplace(numerics.device);
  return state;
}

/// Ranks with other data or options would not train together, and a rank that waits for a missing step would
/// never know why.
template <typename Value>
void require_alike(Ranks& ranks, const Value& own, const std::string& what) {
  const std::vector<Value> all = ranks.gather(own);
  for (std::size_t rank = 1; rank < all.size(); ++rank)
    if (all[rank] != all[0])
      throw Error(category::run_failed, words("rank %zu has other ", rank) + what + " than rank 0",
                  "all ranks need the same data, weights, checkpoints and options");
}

/// Throws Error{bad_input} for what several ranks can't do in this version.
void check_ranks(const TrainOptions& options) {
  if (options.ranks.world_size == 1) return;
  if (options.cuda_graph)
    throw Error(category::bad_input, "the exchange of gradients between ranks is in no CUDA graph",
                "leave out --cuda-graph, or train in one process");
  if (options.frozen_norm || options.cache_features > 0)
    throw Error(category::bad_input, "several ranks can't share kept features in this version",
                "leave out --frozen-norm and --cache-features, or train in one process");
}

/// Rank 0 alone writes; all read.
TrainOptions as_rank(const TrainOptions& given, Ranks& ranks) {
  TrainOptions options = given;
  const int begun_now = given.ranks.begun_with > 0 ? given.ranks.begun_with : ranks.size();
  // As rank 0 found it, who may be about to write there.
  options.ranks.begun_with = ranks.gather(ranks_begun_with(given).value_or(begun_now)).front();
  options.device = device_of_rank(given.device, given.ranks);
  if (given.ranks.rank == 0) return options;
  options.metrics_file.clear();
  options.checkpoint_folder.clear();
  return options;
}

std::array<char, 64> hash_of(const json& document) {
  std::array<char, 64> digits{};
  std::ranges::copy(sha256_of(document.dump()), digits.begin());
  return digits;
}

class Training {
 public:
  Training(const TrainOptions& options, const ImageFolder& folder, const Numerics& numerics, const Say& say,
           const std::function<bool()>& stop, Ranks& ranks)
      : options_(options),
        say_(say),
        numerics_(numerics),
        ranks_(ranks),
        folder_(folder),
        state_(starting_state(options, static_cast<std::int64_t>(folder.classes.size()), numerics, say)),
        inputs_(options, numerics, folder, state_.model),
        metrics_(options.metrics_file),
        progress_(say, images_in_all(folder.train, options), images_in_all(folder.val, options),
                  kProgressInterval),
        match_(checkpoint_match(options, numerics, folder, [&] { ranks.at_work(); })),
        checkpoints_(options, match_, say),
        phases_(options, numerics, say, stop, state_, inputs_, checkpoints_, metrics_, progress_, ranks) {
    if (ranks.size() > 1) require_alike(ranks, hash_of(match_), "data or options");
  }

  json run() {
    const auto start = std::chrono::steady_clock::now();
    Position at = checkpoints_.begin_or_resume(state_);
    if (ranks_.size() > 1) require_alike(ranks_, beginning(at), "weights, or another checkpoint,");
    for (; at.epoch < options_.epochs && !stopped_early(); at = {.epoch = at.epoch + 1}) run_epoch(at);
    ranks_.part();  // what is left is writing
    checkpoints_.wait();
    state_.summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    say_("Training complete in " + minutes_and_seconds(state_.summary.seconds));
    say_(words("Best val Acc: %4f", state_.best->accuracy));
    return write_results();
  }

  /// What unwinds after an error may take its time, and the others are not to blame this rank for that.
  ~Training() {
    if (std::uncaught_exceptions() > 0) ranks_.set_long_work(true);
  }
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

 private:
  /// What the ranks must have in common, in numbers.
  std::array<std::int64_t, 4> beginning(const Position& at) const {
    double sum = 0;
    for (const auto& [name, tensor] : state_.model.state().entries)
      sum += tensor.sum(at::kDouble).item<double>();
    return {at.epoch, at.batch, state_.summary.steps, std::bit_cast<std::int64_t>(sum)};
  }

  void run_epoch(const Position& begin) {
    const int epoch = begin.epoch;
    say_(words("Epoch %d/%d", epoch, options_.epochs - 1));
    say_("----------");
    const Running train = train_or_roll_back(begin);
    const Evaluation val = phases_.validate(epoch);
    const double rate = phases_.last_rate(epoch);
    const Ranks::LongWork writing(ranks_);
    // With checkpoints, the best weights so far may be on their way to disk.
    finish_epoch(state_, {epoch, rate, train.mean_loss(), train.accuracy(), val.loss, val.accuracy}, val,
                 options_.best_metric, !checkpoints_.enabled());
    log_epoch();
    inputs_.share_skipped(ranks_);
    checkpoints_.write(state_, {.epoch = epoch + 1}, inputs_.skipped(state_.summary.skipped));
  }

  /// With --on-divergence rollback a training that diverges goes back, once, to where this epoch began.
  Running train_or_roll_back(const Position& begin) {
    if (options_.on_divergence != OnDivergence::rollback || !state_.summary.rollbacks.empty())
      return phases_.train(begin);
    snapshot_.take(state_, begin, mark_metrics(options_.metrics_file));
    try {
      return phases_.train(begin);
    } catch (const Diverged& problem) {
      roll_back(problem.what());
    }
    return phases_.train(begin);
  }

  void roll_back(const std::string& reason) {
    const std::int64_t step = state_.summary.steps + 1;
    const int epoch = snapshot_.at().epoch;
    snapshot_.restore(state_);
    state_.summary.rollbacks.push_back({epoch, step, reason});
    say_(reason);
    say_(words("rolled back to epoch %d after step %lld; from here on the learning rate is a tenth", epoch,
               static_cast<long long>(state_.summary.steps)));
    if (!return_to_mark(options_.metrics_file, snapshot_.metrics()))
      say_("the metrics from before the rollback stay in " + options_.metrics_file.string());
    const Ranks::LongWork writing(ranks_);
    checkpoints_.write(state_, snapshot_.at(), inputs_.skipped(state_.summary.skipped));
  }

  bool stopped_early() const {
    if (!stops_early(state_.summary, options_.early_stop)) return false;
    say_(words("stopped early: nothing better than epoch %d in %d epochs", state_.summary.best_epoch,
               options_.early_stop));
    return true;
  }

  void log_epoch() const {
    const EpochResult& result = state_.summary.epochs.back();
    metrics_.write(state_.summary.steps, result.epoch,
                   {{"lr", result.learning_rate},
                    {"momentum", options_.momentum},
                    {"train_loss", result.train_loss},
                    {"train_acc", result.train_accuracy},
                    {"val_loss", result.val_loss},
                    {"val_acc", result.val_accuracy},
                    {"best_val_acc", state_.best->accuracy},
                    {"images_per_second", progress_.images_per_second()}});
  }

  json write_results() {
    TrainingSummary& summary = state_.summary;
    summary.images_per_second = progress_.images_per_second();
    summary.skipped = inputs_.skipped(summary.skipped);
    if (!summary.skipped.empty()) say_(words("%zu unreadable images were skipped", summary.skipped.size()));
    json report = training_report(options_, numerics_, summary, state_.best->confusion, folder_.classes);
    const KeptFeatures kept = kept_features(options_, folder_);
    report["features"] =
        kept.bytes == 0 ? json(nullptr) : json({{"draws", options_.cache_features}, {"bytes", kept.bytes}});
    report["ranks_time"] = ranks_.size() == 1 ? json(nullptr)
                                              : json({{"train_seconds", phases_.time().all},
                                                      {"exchange_seconds", phases_.time().ranks.exchanging},
                                                      {"exposed_seconds", phases_.time().exposed},
                                                      {"waiting_seconds", phases_.time().ranks.waiting},
                                                      {"bytes_sent", phases_.time().ranks.bytes_sent}});
    if (ranks_.is_first()) write_outputs(options_.output_folder, state_.best_state, folder_.classes, report);
    return report;
  }

  const TrainOptions& options_;
  const Say& say_;
  const Numerics& numerics_;
  Ranks& ranks_;
  const ImageFolder& folder_;
  TrainState state_;
  Snapshot snapshot_;
  Inputs inputs_;
  MetricLog metrics_;
  Progress progress_;
  const json match_;
  Checkpoints checkpoints_;
  Phases phases_;
};

}  // namespace

json train(const TrainOptions& given, const Say& say, const std::function<bool()>& stop) {
  check_options(given);
  tune_allocator();
  const std::unique_ptr<Ranks> ranks = join_ranks(given.ranks, stop);
  const TrainOptions options = as_rank(given, *ranks);
  const ImageFolder folder = scan_image_folder(options.data, [&] { ranks->at_work(); });
  say(words("data: %zu images to train, %zu to validate, %zu classes (", folder.train.samples.size(),
            folder.val.samples.size(), folder.classes.size()) +
      join(folder.classes, ", ") + ")");
  const Numerics numerics = choose_numerics(options);
  check_ranks(options);
  say("compute: " + numerics.words());
  const int begun = options.ranks.begun_with;
  if (ranks->size() > 1 || begun > 1)
    say(words("rank %d of %d; a step is one of %d x %d x %d images", ranks->rank(), ranks->size(), begun,
              options.grad_accum, options.batch_size) +
        (begun == ranks->size() ? "" : words(", as when it was begun by %d ranks", begun)));
  if (ranks->rank() >= batches_per_step(options)) say("a step has no batch for this rank, which idles");
  if (options.scale_lr == LrScaling::linear)
    say(words("learning rate: %g, times the %d batches of a step", options.learning_rate,
              batches_per_step(options)));
  if (options.recipe != TrainOptions().recipe)
    say("recipe: " + options.recipe + ", with " + other_than_default(options, numerics));
  if (const KeptFeatures kept = kept_features(options, folder); kept.bytes > 0)
    say(words("features: computed once for %d augmentations of each image; %.1f MiB are kept",
              options.cache_features, static_cast<double>(kept.bytes) / (1 << 20)));
  return Training(options, folder, numerics, say, stop, *ranks).run();
}

}  // namespace amltrain::engine
