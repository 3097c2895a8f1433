// Frees what nothing in the workspace needs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/json.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

struct Garbage {
  std::string kind;  // snapshot, content, environment, temporary, download
  std::string path;  // below .amltrain
  std::uint64_t bytes = 0;
};

struct Collection {
  bool dry_run = false;
  std::vector<Garbage> items;
  std::uint64_t bytes() const;
};
void to_json(json& out, const Collection& collection);  // schema amltrain.workspace-gc/1

/// Snapshots and environments that no run has, contents that no snapshot has, what killed processes left
/// under tmp/, parts of downloads that nobody goes on with, and temporary files older than an hour. With
/// `dry_run` nothing is touched. Nothing is made in the workspace while it looks (workspace/making.hpp); it
/// deletes only after that, under names that mean nothing, so that a kill leaves either what was there or a
/// left-over for the next time. Throws Error{conflict} when something is being made for longer than ten
/// seconds, Error{bad_input} when a run or a snapshot can't be read: what that needs is not known.
Collection collect_garbage(const Workspace& workspace, bool dry_run);

}  // namespace amltrain
