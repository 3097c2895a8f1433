// The results of an epoch's batches. To read one from a GPU is to wait for it, so there they are gathered
// and read together now and then; on the CPU at once.
#pragma once

#include <functional>
#include <vector>

#include "engine/train/running.hpp"
#include "engine/train/step.hpp"

namespace amltrain::engine {

class Tally {
 public:
  /// Called for each batch, in order, when it is read: its result, the number of its optimiser step, and the
  /// images it held. What it throws leaves the tally as it was before that batch.
  using Look = std::function<void(const BatchResult&, std::int64_t step, const std::vector<std::uint32_t>&)>;

  Tally(const Running& begin, Look look) : running_(begin), look_(std::move(look)) {}

  void add(const Outcome& outcome, std::int64_t step, const std::vector<std::uint32_t>& samples);
  /// A batch whose result is known: another rank's, say, of whose images nothing is known here.
  void add(const BatchResult& result, std::int64_t step, const std::vector<std::uint32_t>& samples);
  /// Reads what is still where it was computed.
  void read();
  /// Of all that was read.
  const Running& running() const { return running_; }

 private:
  struct Pending {
    Outcome outcome;
    std::int64_t step;
    std::vector<std::uint32_t> samples;
  };

  Running running_;
  Look look_;
  std::vector<Pending> pending_;
};

}  // namespace amltrain::engine
