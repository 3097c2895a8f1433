// The two passes of an epoch: over the training images, and over the validation images.
#pragma once

#include <functional>

#include "engine/device/upload.hpp"
#include "engine/parallel/ranks.hpp"
#include "engine/train/checkpoints.hpp"
#include "engine/train/inputs.hpp"
#include "engine/train/loading.hpp"
#include "engine/train/metrics.hpp"
#include "engine/train/numerics.hpp"
#include "engine/train/progress.hpp"
#include "engine/train/schedule.hpp"
#include "engine/train/state.hpp"
#include "engine/train/step.hpp"
#include "engine/train/tally.hpp"

namespace amltrain::engine {

class Phases {
 public:
  /// What is referred to must outlive it.
  Phases(const TrainOptions& options, const Numerics& numerics, const Say& say,
         const std::function<bool()>& stop, TrainState& state, Inputs& inputs, Checkpoints& checkpoints,
         const MetricLog& metrics, Progress& progress, Ranks& ranks);

  /// Trains from `begin` to the end of its epoch. Throws Error{canceled} when it is to stop,
  /// Diverged naming step and files when the loss is not finite or, if asked for, diverges, Error{bad_input}
  /// when no image can be read.
  Running train(const Position& begin);
  Evaluation validate(int epoch);
  /// Of the training phases so far, in seconds: all, in the exchange with other ranks, and that of gradients
  /// which the backward pass did not hide.
  struct Time {
    double all = 0, exposed = 0;
    Ranks::Spent ranks{};
  };
  const Time& time() const { return time_; }
  /// The learning rate of the epoch's last step.
  double last_rate(int epoch) const { return rate(epoch, schedule_.updates_per_epoch() - 1); }

 private:
  void set_frozen(int epoch);
  Step next_step();
  void add_batch(Step& step, Tally& tally, const Batch& batch, int epoch, int number);
  /// Of several ranks: tells the others what this one's batches of the step gave, and adds those of all, in
  /// the order of one process.
  ImagesOfRanks add_all(Tally& tally, std::int64_t update);
  /// Does nothing when no image of the step could be read.
  void finish_step(Step& step, Tally& tally, int epoch, std::int64_t update);
  /// Between the steps `done` and the next of an epoch, without the sums.
  Position place_after(int epoch, std::int64_t done) const;
  void throw_if_stopped(int epoch) const;
  /// Throws Diverged when the loss of a batch calls for it.
  void look_at(double loss, int epoch, std::int64_t step, const std::vector<std::uint32_t>& samples);
  double rate(int epoch, std::int64_t update) const {
    return schedule_.rate(epoch, update) * state_.summary.rate_scale();
  }

  const TrainOptions& options_;
  const Numerics& numerics_;
  const Say& say_;
  const std::function<bool()>& stop_;
  TrainState& state_;
  Inputs& inputs_;
  Checkpoints& checkpoints_;
  const MetricLog& metrics_;
  Progress& progress_;
  Upload upload_;
  Schedule schedule_;
  Ranks& ranks_;
  BatchShare share_;
  std::vector<BatchResult> done_;     // where there are several ranks: this one's, in the step under way
  std::vector<std::uint32_t> order_;  // and that of the epoch's images
  Time time_;
  std::int64_t fitted_ = 0;  // see StepOptions
  int images_ = 0;           // of the optimiser step under way
};

}  // namespace amltrain::engine
