// Snapshots in the workspace: each content once, whatever names it has and in however many snapshots it is.
#pragma once

#include <filesystem>
#include <string>

#include "snapshot/scan.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// Copies the contents that the workspace has not yet, then publishes the snapshot's document. Either is
/// visible only when it is whole and on disk; what was stored before stays as it is. Returns the snapshot's
/// hash. Throws Error{conflict} naming a file that changed since it was scanned.
std::string store_snapshot(const Workspace& workspace, const SourceScan& scan);

/// Takes a snapshot over whose contents lie in `folder`, each named by its hash, on the workspace's file
/// system and on disk: those that the workspace has not yet are moved from there. Throws Error{bad_input}
/// when one that it needs is missing or has another hash.
void adopt_snapshot(const Workspace& workspace, const Snapshot& snapshot,
                    const std::filesystem::path& folder);

/// Throws Error{not_found}; Error{bad_input} when the document is damaged.
Snapshot read_snapshot(const Workspace& workspace, const std::string& sha256);

/// Writes the snapshot's files and links below `folder`, which may hold other things: copies, so that what a
/// run does to its files never reaches the store. They are not synced, since a run does not outlive the
/// machine. Throws Error{bad_input} naming the file whose stored content is missing or damaged.
void lay_out(const Workspace& workspace, const Snapshot& snapshot, const std::filesystem::path& folder);

}  // namespace amltrain
