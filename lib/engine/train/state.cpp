#include "engine/train/state.hpp"

namespace amltrain::engine {
namespace {

bool is_better(const Evaluation& val, const Evaluation& best, BestMetric metric) {
  if (metric == BestMetric::last) return true;
  return metric == BestMetric::val_loss ? val.loss < best.loss : val.accuracy > best.accuracy;
}

}  // namespace

void finish_epoch(TrainState& state, const EpochResult& result, const Evaluation& val, BestMetric metric,
                  bool reuse) {
  state.summary.epochs.push_back(result);
  if (state.best && !is_better(val, *state.best, metric)) return;
  state.best = val;
  state.summary.best_epoch = result.epoch;
  if (state.best_state.entries.empty() || !reuse)
    state.best_state = copy_state(state.result());
  else
    copy_state(state.result(), state.best_state);
}

bool stops_early(const TrainingSummary& summary, int patience) {
  return patience > 0 && !summary.epochs.empty() &&
         summary.epochs.back().epoch - summary.best_epoch >= patience;
}

}  // namespace amltrain::engine
