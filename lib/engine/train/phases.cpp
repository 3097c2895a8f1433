#include "engine/train/phases.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "engine/torch.hpp"
#include "engine/train/words.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain::engine {
namespace {

/// Of an epoch: those of rank 0, which has the most batches.
std::int64_t steps_of(const TrainOptions& options, Inputs& inputs) {
  const int batches = batches_of_rank(inputs.batches_of_all(), 0, options.ranks.world_size);
  return (batches + options.grad_accum - 1) / options.grad_accum;
}

}  // namespace

Phases::Phases(const TrainOptions& options, const Numerics& numerics, const Say& say,
               const std::function<bool()>& stop, TrainState& state, Inputs& inputs, Checkpoints& checkpoints,
               const MetricLog& metrics, Progress& progress, Ranks& ranks)
    : options_(options),
      numerics_(numerics),
      say_(say),
      stop_(stop),
      state_(state),
      inputs_(inputs),
      checkpoints_(checkpoints),
      metrics_(metrics),
      progress_(progress),
      upload_(numerics.device),
      schedule_(options, steps_of(options, inputs)),
      ranks_(ranks) {}

Running Phases::train(const Position& begin) {
  const auto start = std::chrono::steady_clock::now();
  const Ranks::Spent before = ranks_.spent();
  const int epoch = begin.epoch;
  images_ = 0;
  set_frozen(epoch);
  progress_.start(epoch, Progress::Phase::train);
  inputs_.train().start_epoch(epoch, begin.batch, epoch_image_size(options_, epoch));
  state_.model.set_training(true);
  Step step = next_step();
  Tally tally(begin.running, [&](const BatchResult& batch, std::int64_t number, const auto& samples) {
    look_at(batch.loss, epoch, number, samples);
  });
  // A step is one of options.grad_accum batches of each rank. Also one of whose batches none could be read,
  // or is this rank's, is gone through, since other ranks may have some.
  std::int64_t update = begin.batch / options_.grad_accum;
  const auto finish_before = [&](std::int64_t end) {
    for (; update < end; ++update)
      finish_step(
          step, tally,
          {.epoch = epoch,
           .batch = std::min(static_cast<int>(update + 1) * options_.grad_accum, inputs_.train().batches())},
          rate(epoch, update));
  };
  while (const Batch* batch = inputs_.train().next()) {
    throw_if_stopped(epoch);
    const int number = inputs_.train().next_batch() - 1;
    finish_before(number / options_.grad_accum);
    add_batch(step, tally, *batch, epoch, number);
    images_ += batch->count;
    if ((number + 1) % options_.grad_accum == 0) finish_before(update + 1);
  }
  finish_before(schedule_.updates_per_epoch());
  if (options_.cuda_graph && epoch == 0)
    say_(words("cuda graph: of %d batches, %d ran from it; the others came before it or have another shape",
               inputs_.train().batches() - begin.batch, step.graph_runs()));
  tally.read();
  const Running& running = tally.running();
  if (running.images == 0) throw Error(category::bad_input, "no image of the training split can be read");
  time_.all += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  time_.ranks.exchanging += ranks_.spent().exchanging - before.exchanging;
  time_.ranks.waiting += ranks_.spent().waiting - before.waiting;
  time_.ranks.bytes_sent += ranks_.spent().bytes_sent - before.bytes_sent;
  say_(words("train Loss: %.4f Acc: %.4f", running.mean_loss(), running.accuracy()));
  return running;
}

void Phases::set_frozen(int epoch) {
  if (options_.unfreeze_epoch == 0) return;
  if (epoch < options_.unfreeze_epoch)
    state_.model.freeze_backbone();
  else
    state_.model.unfreeze_backbone();
  say_(epoch < options_.unfreeze_epoch ? "the backbone is frozen" : "all weights are trained");
}

Step Phases::next_step() {
  return {state_.model,
          *state_.optimiser,
          {.bf16 = numerics_.bf16,
           .scaler = state_.scaler ? &*state_.scaler : nullptr,
           .cuda_graph = options_.cuda_graph,
           .batches = options_.grad_accum,
           .ranks = ranks_.size() > 1 ? &ranks_ : nullptr,
           .round_between_hosts = options_.grad_dtype == GradDtype::bf16,
           .label_smoothing = options_.label_smoothing,
           .clip_grad_norm = options_.clip_grad_norm,
           .micro_batch = state_.micro_batch}};
}

void Phases::add_batch(Step& step, Tally& tally, const Batch& batch, int epoch, int number) {
  const Placement host{at::kCPU, state_.model.placement().format};
  at::Tensor images = upload_(images_of(batch, host));
  Target target{upload_(labels_of(batch, host))};
  if (options_.mixup > 0)
    mix(draw_mixing(options_.mixup, options_.seed, epoch, number * ranks_.size() + ranks_.rank(),
                    batch.count),
        images, target);
  const Outcome outcome = step.add(images, target);
  if (step.micro_batch() != state_.micro_batch) {
    state_.micro_batch = step.micro_batch();
    say_(
        words("out of memory: from here on a batch is computed in parts of at most %lld images; a step is "
              "still one of %d x %d",
              static_cast<long long>(state_.micro_batch), options_.grad_accum, options_.batch_size));
  }
  if (ranks_.size() == 1) {
    tally.add(outcome, state_.summary.steps + 1, batch.samples);
    return;
  }
  const BatchResult result{outcome.loss.item<double>(), outcome.correct.item<std::int64_t>(), outcome.images};
  done_.push_back({result, batch.samples});
}

void Phases::add_all(Tally& tally) {
  const auto accum = static_cast<std::size_t>(options_.grad_accum),
             count = static_cast<std::size_t>(ranks_.size());
  std::vector<BatchResult> own(accum), all(accum * count);  // without images: no batch
  std::ranges::transform(done_, own.begin(), &Done::result);
  const std::vector<Done> mine = std::exchange(done_, {});
  const auto size = static_cast<std::ptrdiff_t>(options_.batch_size);
  std::vector<std::uint32_t> own_samples(accum * static_cast<std::size_t>(size));
  std::vector<std::uint32_t> samples(own_samples.size() * count);
  for (std::ptrdiff_t i = 0; i < std::ssize(mine); ++i)
    std::ranges::copy(mine[static_cast<std::size_t>(i)].samples, own_samples.begin() + i * size);
  ranks_.gather(std::as_bytes(std::span(own)), std::as_writable_bytes(std::span(all)));
  ranks_.gather(std::as_bytes(std::span(own_samples)), std::as_writable_bytes(std::span(samples)));
  images_ = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::size_t batch = i / count, rank = i % count;
    const std::size_t at = rank * accum + batch;
    const BatchResult& result = all[at];
    if (result.images == 0) continue;
    const auto first = samples.begin() + static_cast<std::ptrdiff_t>(at) * size;
    tally.add(result, state_.summary.steps + 1, std::vector<std::uint32_t>(first, first + result.images));
    images_ += result.images;
  }
}

void Phases::finish_step(Step& step, Tally& tally, Position after, double rate) {
  std::int64_t& steps = state_.summary.steps;
  if (ranks_.size() > 1) add_all(tally);
  if (images_ == 0) return;
  step.finish(rate);
  ++steps;
  if (state_.ema) state_.ema->update(state_.model, steps);
  progress_.add(std::exchange(images_, 0), steps);
  if (steps % options_.log_every == 0) {
    tally.read();
    metrics_.write(steps, after.epoch,
                   {{"lr", rate},
                    {"train_loss", tally.running().mean_loss()},
                    {"train_acc", tally.running().accuracy()},
                    {"images_per_second", progress_.images_per_second()}});
  }
  if (checkpoints_.due(steps)) {
    tally.read();
    after.running = tally.running();
    const Ranks::LongWork writing(ranks_);
    checkpoints_.write(state_, after, inputs_.skipped(state_.summary.skipped));
  }
}

Evaluation Phases::validate(int epoch) {
  progress_.start(epoch, Progress::Phase::val);
  const auto between = [&](int count) {
    throw_if_stopped(epoch);
    progress_.add(count * ranks_.size(), state_.summary.steps);
  };
  const Evaluation val =
      evaluate(state_.result(), inputs_.val(), numerics_.compute(), between, options_.tta_flip, &ranks_);
  say_(words("val Loss: %.4f Acc: %.4f", val.loss, val.accuracy));
  say_("");
  return val;
}

void Phases::throw_if_stopped(int epoch) const {
  ranks_.beat();
  if (stop_())
    throw Error(category::canceled, words("the training was stopped in epoch %d after step %lld", epoch,
                                          static_cast<long long>(state_.summary.steps)));
}

void Phases::look_at(double loss, int epoch, std::int64_t step, const std::vector<std::uint32_t>& samples) {
  const bool finite = std::isfinite(loss);
  if (finite && options_.on_divergence == OnDivergence::off) return;
  if (finite) state_.watch = watched(state_.watch, loss);
  if (finite && !is_diverging(state_.watch, state_.model.classes())) return;
  const std::string problem =
      finite ? words("the loss diverges: its mean over the last %d batches is %.4g, and was %.4g,", kWindow,
                     state_.watch.mean, state_.watch.lowest)
             : "the loss is not a finite number";
  throw Diverged(category::run_failed,
                 problem +
                     words(" at step %lld (epoch %d), with the batch ", static_cast<long long>(step), epoch) +
                     join(inputs_.files_of(samples), ", "),
                 "lower --learning-rate, or look at these images");
}

}  // namespace amltrain::engine
