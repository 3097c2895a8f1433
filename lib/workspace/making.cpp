#include "workspace/making.hpp"

#include "support/error.hpp"

namespace amltrain {
namespace {

constexpr const char* kKind = "gc";
constexpr std::chrono::minutes kPatience{1};

}  // namespace

FileLock hold_off_gc(const Workspace& workspace) {
  return FileLock::acquire_shared(workspace.lock_file(kKind), kPatience);
}

std::optional<FileLock> try_hold_off_gc(const Workspace& workspace) {
  return FileLock::try_acquire_shared(workspace.lock_file(kKind));
}

FileLock lock_for_gc(const Workspace& workspace, std::chrono::milliseconds patience) {
  try {
    return FileLock::acquire(workspace.lock_file(kKind), patience);
  } catch (const Error& problem) {
    if (problem.kind() != category::conflict) throw;
    throw Error(category::conflict, "something is being made in the workspace (a submit, register or import)",
                "try again when it is done");
  }
}

}  // namespace amltrain
