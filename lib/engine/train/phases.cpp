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

/// Of an epoch.
std::int64_t steps_of(const TrainOptions& options, const Inputs& inputs) {
  const int each = batches_per_step(options);
  return (inputs.batches_of_all() + each - 1) / each;
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
      schedule_(options, steps_of(options, inputs), batches_per_step(options)),
      ranks_(ranks),
      share_(training_share(options)) {}

Running Phases::train(const Position& begin) {
  const auto start = std::chrono::steady_clock::now();
  const Ranks::Spent before = ranks_.spent();
  const int epoch = begin.epoch;
  images_ = 0;
  done_.clear();
  set_frozen(epoch);
  progress_.start(epoch, Progress::Phase::train);
  // A step is gone through also where none of its batches could be read, or is this rank's, since other ranks
  // may have some.
  std::int64_t update = (begin.batch + options_.grad_accum - 1) / options_.grad_accum;
  const int first = static_cast<int>(update) * share_.own_per_step();
  inputs_.train().start_epoch(epoch, first, epoch_image_size(options_, epoch));
  if (ranks_.size() > 1) order_ = inputs_.order_of(epoch);
  state_.model.set_training(true);
  Step step = next_step();
  Tally tally(begin.running, [&](const BatchResult& batch, std::int64_t number, const auto& samples) {
    look_at(batch.loss, epoch, number, samples);
  });
  const auto finish_before = [&](std::int64_t end) {
    for (; update < end; ++update) finish_step(step, tally, epoch, update);
  };
  while (const Batch* batch = inputs_.train().next()) {
    throw_if_stopped(epoch);
    const int number = inputs_.train().next_batch() - 1;
    finish_before(number / share_.own_per_step());
    add_batch(step, tally, *batch, epoch, number);
    images_ += batch->count;
    if ((number + 1) % share_.own_per_step() == 0) finish_before(update + 1);
  }
  finish_before(schedule_.updates_per_epoch());
  if (options_.cuda_graph && epoch == 0)
    say_(words("cuda graph: of %d batches, %d ran from it; the others came before it or have another shape",
               inputs_.train().batches() - first, step.graph_runs()));
  tally.read();
  const Running& running = tally.running();
  if (running.images == 0) throw Error(category::bad_input, "no image of the training split can be read");
  time_.all += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  time_.ranks.exchanging += ranks_.spent().exchanging - before.exchanging;
  time_.ranks.waiting += ranks_.spent().waiting - before.waiting;
  time_.exposed += step.exposed_seconds();
  fitted_ = step.fitted();
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
           .batches = share_.own_per_step(),
           .ranks = ranks_.size() > 1 ? &ranks_ : nullptr,
           .exchange = {.bucket_bytes = std::int64_t{options_.grad_bucket} << 20,
                        .rounded = options_.grad_dtype == GradDtype::bf16},
           .label_smoothing = options_.label_smoothing,
           .clip_grad_norm = options_.clip_grad_norm,
           .micro_batch = state_.micro_batch,
           .fitted = fitted_}};
}

void Phases::add_batch(Step& step, Tally& tally, const Batch& batch, int epoch, int number) {
  const Placement host{at::kCPU, state_.model.placement().format};
  at::Tensor images = upload_(images_of(batch, host));
  Target target{upload_(labels_of(batch, host))};
  if (options_.mixup > 0)
    mix(draw_mixing(options_.mixup, options_.seed, epoch, share_.among_all(number), batch.count), images,
        target);
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
  done_.resize(static_cast<std::size_t>(share_.most_per_step()));
  done_[static_cast<std::size_t>(number % share_.own_per_step())] = {
      outcome.loss.item<double>(), outcome.correct.item<std::int64_t>(), outcome.images};
}

ImagesOfRanks Phases::add_all(Tally& tally, std::int64_t update) {
  const auto ranks = static_cast<std::size_t>(ranks_.size()),
             most = static_cast<std::size_t>(share_.most_per_step());
  std::vector<BatchResult> own(most), all(most * ranks);  // without images: no batch
  std::ranges::copy(std::exchange(done_, {}), own.begin());
  ranks_.gather(std::as_bytes(std::span(own)), std::as_writable_bytes(std::span(all)));
  ImagesOfRanks sum{0, std::vector<int>(ranks)};
  for (std::size_t i = 0; i < static_cast<std::size_t>(share_.per_step); ++i) {
    const BatchResult& result = all[i % ranks * most + i / ranks];
    if (result.images == 0) continue;
    const auto batch = static_cast<std::size_t>(update) * static_cast<std::size_t>(share_.per_step) + i;
    const std::size_t first = batch * static_cast<std::size_t>(options_.batch_size);
    const auto samples = std::span(order_).subspan(first).first(
        std::min(static_cast<std::size_t>(options_.batch_size), order_.size() - first));
    tally.add(result, state_.summary.steps + 1, {samples.begin(), samples.end()});
    sum.images += result.images;
    ++sum.batches[i % ranks];
  }
  return sum;
}

Position Phases::place_after(int epoch, std::int64_t done) const {
  // In batches of rank 0 of those ranks that the training was begun with, however many there are now.
  const BatchShare begun{0, share_.per_step / options_.grad_accum, share_.per_step};
  return {.epoch = epoch,
          .batch =
              std::min(static_cast<int>(done) * options_.grad_accum, begun.own_of(inputs_.batches_of_all()))};
}

void Phases::finish_step(Step& step, Tally& tally, int epoch, std::int64_t update) {
  std::int64_t& steps = state_.summary.steps;
  const double rate = this->rate(epoch, update);
  if (ranks_.size() > 1) {
    step.exchange();
    const ImagesOfRanks all = add_all(tally, update);
    images_ = static_cast<int>(all.images);
    step.finish(rate, all);
    if (images_ == 0) return;
  } else {
    if (images_ == 0) return;
    step.finish(rate);
  }
  ++steps;
  if (state_.ema) state_.ema->update(state_.model, steps);
  progress_.add(std::exchange(images_, 0), steps);
  if (steps % options_.log_every == 0) {
    tally.read();
    metrics_.write(steps, epoch,
                   {{"lr", rate},
                    {"train_loss", tally.running().mean_loss()},
                    {"train_acc", tally.running().accuracy()},
                    {"images_per_second", progress_.images_per_second()}});
  }
  if (checkpoints_.due(steps)) {
    tally.read();
    Position after = place_after(epoch, update + 1);
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
