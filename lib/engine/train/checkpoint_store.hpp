// Checkpoints on disk, as docs/store.md describes them: tensors in safetensors, then the document that names
// them.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <span>

#include "checkpoint/document.hpp"
#include "checkpoint/writer_lock.hpp"
#include "engine/api.hpp"
#include "engine/train/checkpoint.hpp"

namespace amltrain::engine {

/// A checkpoint as it comes back from disk.
struct StoredCheckpoint {
  Checkpoint state;
  StateDict tensors;                        // changing_tensors(); empty: the beginning, before the first step
  StateDict best;                           // of state.best
  std::optional<CheckpointPart> best_part;  // the file that holds them
};

/// The newest one that is whole; `say` tells of newer ones that are damaged. Absent when the folder has none.
/// Throws Error{bad_input} when it has some and none is whole.
std::optional<StoredCheckpoint> read_newest_checkpoint(const std::filesystem::path& folder, const Say& say);

/// The writer of a folder.
class CheckpointStore {
 public:
  /// Makes the folder when absent. Throws Error{conflict} naming the process when it has a writer.
  explicit CheckpointStore(const std::filesystem::path& folder);

  /// The newest checkpoint of the folder has the best weights of that epoch in that file.
  void know_best(int epoch, CheckpointPart part);

  /// Writes the tensors (the image of a safetensors file; empty: none), reads them back, writes `best` when
  /// it is not there yet, then the document; only then removes what neither this checkpoint nor the one
  /// before it needs. Throws Error{environment} for a disk that is full or does not give back what it was
  /// given; what was there before is there still.
  void write(const Checkpoint& checkpoint, std::span<const std::byte> tensors, const StateDict& best);

 private:
  struct Best {
    int epoch;
    CheckpointPart part;
  };
  const CheckpointPart& write_best(int epoch, const StateDict& weights);

  std::filesystem::path folder_;
  FileLock lock_;
  std::array<std::optional<Best>, 2> best_;  // the copies in the folder
  std::size_t copy_ = 0;                     // that the next checkpoint shares
};

}  // namespace amltrain::engine
