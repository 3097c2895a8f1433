#include "upkeep/delete_run.hpp"

#include "history/run_store.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "workspace/making.hpp"

namespace amltrain {

namespace fs = std::filesystem;

void require_ended(const RunRecord& run, const std::string& what) {
  if (is_terminal(run.state)) return;
  const RunId& id = run.definition.id;
  throw Error(category::conflict,
              "run " + id + " is " + name_of(run.state) + ": only a run that has ended can " + what,
              "end it with: amltrain runs cancel " + id);
}

void delete_run(const Workspace& workspace, const RunId& id) {
  try {
    require_ended(read_run(workspace, id, Detail::state), "be deleted");
  } catch (const Error& problem) {
    if (problem.kind() != category::bad_input) throw;  // damaged: it can be of no more use
  }
  const FileLock unnamed = hold_off_gc(workspace);
  const RunPaths paths(workspace, id);
  // Whoever writes to a run holds this, a reader that settles it too.
  const auto lock = FileLock::try_acquire(paths.lock());
  if (!lock)
    throw Error(category::conflict, "run " + id + " is in use by another process", "try again in a moment");
  const fs::path trash = workspace.scratch_folder() / ("trash-" + random_hex(8));
  rename_into_place(paths.folder, trash, AtomicFile::existing::refuse);
  sync_folder(paths.folder.parent_path());
  std::error_code ignored;  // a gc finds the rest
  fs::remove_all(trash, ignored);
}

}  // namespace amltrain
