#include "engine/train/phases.hpp"

#include <cmath>

#include "engine/torch.hpp"
#include "engine/train/words.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain::engine {

Phases::Phases(const TrainOptions& options, const Numerics& numerics, const Say& say,
               const std::function<bool()>& stop, TrainState& state, Inputs& inputs, Checkpoints& checkpoints,
               const MetricLog& metrics, Progress& progress)
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
      schedule_(options, (inputs.train().batches() + options.grad_accum - 1) / options.grad_accum) {}

Running Phases::train(const Position& begin) {
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
  int group = 0;  // of options.grad_accum batches
  const auto finish_group = [&](int next_batch) {
    finish_step(step, tally, {.epoch = epoch, .batch = next_batch}, rate(epoch, group));
  };
  while (const Batch* batch = inputs_.train().next()) {
    throw_if_stopped(epoch);
    const int number = inputs_.train().next_batch() - 1;
    // Where a group's last batches could not be read, its step is still to be done.
    if (step.begun() && number / options_.grad_accum != group) finish_group(number);
    group = number / options_.grad_accum;
    tally.add(add_batch(step, *batch, epoch, number), state_.summary.steps + 1, batch->samples);
    images_ += batch->count;
    if ((number + 1) % options_.grad_accum == 0 || number + 1 == inputs_.train().batches())
      finish_group(number + 1);
  }
  if (step.begun()) finish_group(inputs_.train().batches());
  if (options_.cuda_graph && epoch == 0)
    say_(words("cuda graph: of %d batches, %d ran from it; the others came before it or have another shape",
               inputs_.train().batches() - begin.batch, step.graph_runs()));
  tally.read();
  const Running& running = tally.running();
  if (running.images == 0) throw Error(category::bad_input, "no image of the training split can be read");
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
           .several = options_.grad_accum > 1,
           .label_smoothing = options_.label_smoothing,
           .clip_grad_norm = options_.clip_grad_norm,
           .micro_batch = state_.micro_batch}};
}

Outcome Phases::add_batch(Step& step, const Batch& batch, int epoch, int number) {
  const Placement host{at::kCPU, state_.model.placement().format};
  at::Tensor images = upload_(images_of(batch, host));
  Target target{upload_(labels_of(batch, host))};
  if (options_.mixup > 0)
    mix(draw_mixing(options_.mixup, options_.seed, epoch, number, batch.count), images, target);
  Outcome outcome = step.add(images, target);
  if (step.micro_batch() != state_.micro_batch) {
    state_.micro_batch = step.micro_batch();
    say_(
        words("out of memory: from here on a batch is computed in parts of at most %lld images; a step is "
              "still one of %d x %d",
              static_cast<long long>(state_.micro_batch), options_.grad_accum, options_.batch_size));
  }
  return outcome;
}

void Phases::finish_step(Step& step, Tally& tally, Position after, double rate) {
  std::int64_t& steps = state_.summary.steps;
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
    checkpoints_.write(state_, after, inputs_.skipped(state_.summary.skipped));
  }
}

Evaluation Phases::validate(int epoch) {
  progress_.start(epoch, Progress::Phase::val);
  const auto between = [&](int count) {
    throw_if_stopped(epoch);
    progress_.add(count, state_.summary.steps);
  };
  const Evaluation val =
      evaluate(state_.result(), inputs_.val(), numerics_.compute(), between, options_.tta_flip);
  say_(words("val Loss: %.4f Acc: %.4f", val.loss, val.accuracy));
  say_("");
  return val;
}

void Phases::throw_if_stopped(int epoch) const {
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
