#include "engine/train/state.hpp"

namespace amltrain::engine {

void finish_epoch(TrainState& state, const EpochResult& result, const Evaluation& val, bool reuse) {
  state.summary.epochs.push_back(result);
  if (state.best && val.accuracy <= state.best->accuracy) return;
  state.best = val;
  state.summary.best_epoch = result.epoch;
  if (state.best_state.entries.empty() || !reuse)
    state.best_state = copy_state(state.model);
  else
    copy_state(state.model, state.best_state);
}

}  // namespace amltrain::engine
