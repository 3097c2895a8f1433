// Looks through a folder of source: what of it goes into a snapshot, and what stays behind.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "snapshot/snapshot.hpp"

namespace amltrain {

struct HeldBack {
  std::string path;
  std::string reason;  // "a file of credentials", "a link that leads out of the folder"
  bool secret = false;
};

struct SourceScan {
  std::filesystem::path folder;  // absolute
  std::string ignore_file;       // whose patterns counted: .amlignore or .gitignore
  Snapshot snapshot;
  std::vector<HeldBack> held_back;   // what no pattern ignores, and all the same is not part of it
  std::vector<std::string> ignored;  // by patterns; of a folder ("build/") its name alone
};

/// Reads every file that goes; each is streamed, whatever its size. Left out are what the ignore files say,
/// `.git`, workspaces, `outputs/` and `logs/` of the folder itself (a run has its own), special files, links
/// that lead out of the folder, names that are no UTF-8, and secrets, unless a pattern "!NAME" (no wildcard)
/// takes them in. An empty folder is nothing. Throws Error{not_found} for no folder, Error{bad_input} when no
/// file is left.
SourceScan scan_source(const std::filesystem::path& folder);

}  // namespace amltrain
