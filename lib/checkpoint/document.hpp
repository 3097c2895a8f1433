// The document of a checkpoint, NAME.json: written last, so that a checkpoint is whole when it is there and
// its hashes fit. docs/store.md describes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "support/json.hpp"

namespace amltrain {

/// A file of tensors that the checkpoint needs; several checkpoints may name one.
struct CheckpointPart {
  std::string file;  // its name in the folder
  std::uint64_t bytes = 0;
  std::string checksum;  // checksum_of() its content

  bool operator==(const CheckpointPart&) const = default;
};

struct CheckpointDocument {
  std::vector<CheckpointPart> parts;  // empty: the beginning, before the first step
  json state;                         // what the trainer needs beside its tensors
};

/// Throws Error{bad_input} for a document that is damaged or of another version.
CheckpointDocument read_checkpoint_document(const std::filesystem::path& file);
void write_checkpoint_document(const std::filesystem::path& file, const CheckpointDocument& document);

}  // namespace amltrain
