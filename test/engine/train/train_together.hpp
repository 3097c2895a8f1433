// Trainings of several ranks, which are threads of the test.
#pragma once

#include <functional>

#include "engine/parallel/together.hpp"
#include "engine/train/trainer.hpp"

namespace amltrain::test {

inline const engine::Say silent = [](const std::string&) {};
inline const std::function<bool()> never = [] { return false; };

/// The report of rank 0. With `on_host`: see together().
inline json train_together(const engine::TrainOptions& options, int ranks, int on_host = 0,
                           const std::function<bool()>& stop = never) {
  json report;
  const auto work = [&](const engine::RankPlace& place) {
    engine::TrainOptions own = options;
    own.ranks = place;
    const json mine = engine::train(own, silent, stop);
    if (place.rank == 0) report = mine;
  };
  together(ranks, work, on_host);
  return report;
}

}  // namespace amltrain::test
