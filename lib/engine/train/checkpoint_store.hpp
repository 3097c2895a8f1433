// Checkpoints on disk, as docs/store.md describes them: NAME.safetensors and NAME.json, the second written
// last.
#pragma once

#include <filesystem>
#include <optional>

#include "engine/api.hpp"
#include "engine/train/checkpoint.hpp"

namespace amltrain::engine {

/// Writes the checkpoint, reads it back, and only then removes all but it and the one before. A folder has
/// one writer at a time. Throws Error{environment} for a disk that is full or does not give back what it was
/// given; what was there before is there still.
void write_checkpoint(const std::filesystem::path& folder, const Checkpoint& checkpoint);

/// The newest one that is whole; `say` tells of newer ones that are damaged. Absent when the folder has none.
/// Throws Error{bad_input} when it has some and none is whole.
std::optional<Checkpoint> read_newest_checkpoint(const std::filesystem::path& folder, const Say& say);

bool has_checkpoints(const std::filesystem::path& folder);

/// Makes the folder, and removes what a killed writer left unfinished.
void prepare_checkpoint_folder(const std::filesystem::path& folder);

}  // namespace amltrain::engine
