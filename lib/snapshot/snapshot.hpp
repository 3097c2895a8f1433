// What a folder of source held at one moment: a document that names each file by its content.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/file_set.hpp"
#include "support/json.hpp"

namespace amltrain {

struct SnapshotFile : HashedFile {
  bool executable = false;

  bool operator==(const SnapshotFile&) const = default;
};

/// A symbolic link to something else in the snapshot, as it stands.
struct SnapshotLink {
  std::string path, target;

  bool operator==(const SnapshotLink&) const = default;
};

/// schema amltrain.snapshot/1. Files and links are sorted by path.
struct Snapshot {
  std::vector<SnapshotFile> files;
  std::vector<SnapshotLink> links;

  std::uint64_t bytes() const;
  /// SHA-256 of "files" and "links" as compact JSON, 64 hex digits: the same paths, contents and modes have
  /// the same.
  std::string sha256() const;
};
void to_json(json& out, const Snapshot& snapshot);  // with "sha256"
/// The document as it is stored, byte for byte.
std::string to_text(const Snapshot& snapshot);
/// Throws Error{bad_input} for another schema, a field that is missing, or content that hasn't its hash.
Snapshot parse_snapshot(const json& in, const std::string& origin);

}  // namespace amltrain
