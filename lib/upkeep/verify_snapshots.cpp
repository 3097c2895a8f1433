#include <set>

#include "snapshot/store.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "upkeep/findings.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

/// The document's name is the hash of what it says; how it is written out is fixed as well.
void check_snapshot(const Workspace& workspace, const std::string& hash, Findings& found) {
  const fs::path file = workspace.snapshot_file(hash);
  found.count_document();
  try {
    const Snapshot snapshot = read_snapshot(workspace, hash);
    if (read_file(file) != to_text(snapshot)) found.fault(file, "content changed");
    for (const SnapshotFile& content : snapshot.files) {
      std::error_code absent;
      const fs::path stored = workspace.content_file(content.sha256);
      if (!fs::exists(stored, absent)) found.fault(stored, "missing: snapshot " + hash + " needs it");
    }
  } catch (const Error& problem) {
    if (problem.kind() != category::not_found) found.fault(file, problem.what());  // else cleared meanwhile
  }
}

void check_contents(const Workspace& workspace, const std::string& group, Findings& found) {
  for (const std::string& name : workspace.contents(group)) {
    const fs::path file = workspace.store() / "snapshots" / "content" / group / name;
    try {
      const HashedFile content = hash_file(file.parent_path(), name);
      found.count_file(content.bytes);
      if (content.sha256 != name) found.fault(file, "content changed");
    } catch (const Error& problem) {
      if (problem.kind() != category::not_found) found.fault(file, problem.what());
    }
  }
}

}  // namespace

std::vector<Task> snapshot_tasks(const Workspace& workspace) {
  std::vector<Task> tasks;
  for (const std::string& hash : workspace.snapshots())
    tasks.emplace_back([&workspace, hash](Findings& found) {
      // A gc takes it away before its contents.
      found.unless_gone(workspace.snapshot_file(hash),
                        [&](Findings& of_snapshot) { check_snapshot(workspace, hash, of_snapshot); });
    });
  for (const std::string& group : workspace.content_groups())
    tasks.emplace_back([&workspace, group](Findings& found) { check_contents(workspace, group, found); });
  return tasks;
}

}  // namespace amltrain
