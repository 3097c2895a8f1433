// report.json: what was trained, how it went, what the best weights get right.
#pragma once

#include <string>
#include <vector>

#include "engine/api.hpp"
#include "engine/train/evaluate.hpp"
#include "engine/train/numerics.hpp"
#include "image/folder.hpp"
#include "support/json.hpp"

namespace amltrain::engine {

/// One epoch as the report and the metrics have it.
struct EpochResult {
  int epoch = 0;
  double learning_rate = 0;
  double train_loss = 0, train_accuracy = 0;
  double val_loss = 0, val_accuracy = 0;
};

/// The training went back to the start of `epoch` because of what happened at `step`, and on at a lower rate.
struct Rollback {
  int epoch = 0;
  std::int64_t step = 0;
  std::string reason;
};

/// Of the learning rate, after a rollback.
inline constexpr double kRollbackRate = 0.1;

struct TrainingSummary {
  std::vector<EpochResult> epochs;
  int best_epoch = 0;
  std::int64_t steps = 0;
  double seconds = 0;
  double images_per_second = 0;  // of the training phases
  std::vector<UnreadableFile> skipped;
  std::vector<Rollback> rollbacks;  // at most one

  double rate_scale() const { return rollbacks.empty() ? 1 : kRollbackRate; }
};

json to_json(const Rollback& rollback);

/// {"schema": "amltrain.training-report/1", ...} with the classification_report() of the best epoch in it,
/// and the peak memory of the process so far.
json training_report(const TrainOptions& options, const Numerics& numerics, const TrainingSummary& summary,
                     const ConfusionMatrix& confusion, const std::vector<std::string>& labels);

/// {"confusion": rows by truth, "classes": [{label, images, precision, recall}]}; a precision or recall of
/// nothing (no image predicted so, none of the class there) is null.
json classification_report(const ConfusionMatrix& confusion, const std::vector<std::string>& labels);

}  // namespace amltrain::engine
