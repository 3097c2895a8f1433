#include "engine/train/divergence.hpp"

#include <algorithm>
#include <cmath>

namespace amltrain::engine {

LossWatch watched(const LossWatch& watch, double loss) {
  LossWatch next = watch;
  ++next.batches;
  next.mean += (loss - watch.mean) / static_cast<double>(std::min<std::int64_t>(next.batches, kWindow));
  if (next.batches >= kFirst)
    next.lowest = next.batches == kFirst ? next.mean : std::min(watch.lowest, next.mean);
  return next;
}

bool is_diverging(const LossWatch& watch, std::int64_t classes) {
  return watch.batches > kFirst && watch.mean > kFactor * watch.lowest &&
         watch.mean > 2 * std::log(static_cast<double>(classes));
}

}  // namespace amltrain::engine
