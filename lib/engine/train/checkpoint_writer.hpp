// Writes checkpoints beside the step: one in flight at a time.
#pragma once

#include <future>

#include "engine/train/checkpoint_store.hpp"

namespace amltrain::engine {

class CheckpointWriter {
 public:
  /// The folder is made when absent. Empty: nothing is ever written.
  explicit CheckpointWriter(std::filesystem::path folder);

  bool enabled() const { return !folder_.empty(); }
  bool busy() const;
  /// Returns when nothing is in flight. Throws what the writing that ended threw.
  void wait();
  /// wait(), then starts to write. The tensors must not change until wait() has returned again.
  void write(Checkpoint checkpoint);

 private:
  std::filesystem::path folder_;
  std::future<void> in_flight_;  // its destructor waits
};

}  // namespace amltrain::engine
