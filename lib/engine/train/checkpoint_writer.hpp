// Writes checkpoints beside the step: one in flight at a time.
#pragma once

#include <chrono>
#include <future>

#include "engine/train/checkpoint_store.hpp"

namespace amltrain::engine {

class CheckpointWriter {
 public:
  /// An empty folder: nothing is ever written. Else as CheckpointStore.
  explicit CheckpointWriter(const std::filesystem::path& folder);

  bool enabled() const { return store_.has_value(); }
  /// Only while nothing is in flight.
  CheckpointStore& store() { return *store_; }

  /// True while one is in flight. Throws what the writing of the last one threw.
  bool busy();
  /// Returns when nothing is in flight. Throws what the writing that ended threw.
  void wait();
  /// wait(), then starts to write, at a lower priority than the step's. The tensors must not change until
  /// wait() has returned again.
  void write(Checkpoint checkpoint, std::span<const std::byte> tensors, StateDict best);
  /// Of the last one that was written: the time of the processor.
  std::chrono::duration<double> cost() const { return cost_; }

 private:
  std::optional<CheckpointStore> store_;
  std::chrono::duration<double> cost_{0};
  std::future<std::chrono::duration<double>> in_flight_;  // its destructor waits
};

}  // namespace amltrain::engine
