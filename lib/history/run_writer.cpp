// Writing a run: the half of run_store.hpp that only the holder of the run's lock may use.
#include "history/event_log.hpp"
#include "history/run_store.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/scratch_folder.hpp"
#include "support/sealed.hpp"

namespace amltrain {
namespace {

constexpr std::chrono::milliseconds kOwnLockPatience{1000};
/// A run that fills the disk still has its end recorded; an end with the last lines of a log has up to 10 KB.
constexpr std::uint64_t kRoomForEvents = 32 * 1024;

}  // namespace

RunId new_run_id(const std::string& experiment, Time submitted_at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(submitted_at).time_since_epoch();
  return experiment + "_" + std::to_string(seconds.count()) + "_" + random_hex(4);
}

RunWriter::RunWriter(RunDefinition definition, RunPaths paths, FileLock lock, State state)
    : definition_(std::move(definition)), paths_(std::move(paths)), lock_(std::move(lock)), state_(state) {}

RunWriter RunWriter::create(const Workspace& workspace, RunDefinition definition) {
  if (definition.submitted_at == Time{}) definition.submitted_at = now();
  if (definition.id.empty()) definition.id = new_run_id(definition.experiment, definition.submitted_at);
  const RunPaths final(workspace, definition.id);
  RunPaths made = final;
  made.folder = workspace.scratch_folder() / ("run-" + definition.id + "-" + random_hex(4));
  ScratchFolder half_made(made.folder);
  // The job's environment is in there, and may hold a secret.
  std::filesystem::permissions(made.folder, std::filesystem::perms::owner_all);

  create_folders(made.logs());
  create_folders(made.outputs());
  publish_file(made.definition(), sealed_text(definition));
  Event first;
  first.time = definition.submitted_at;
  reserve_space(made.events(), kRoomForEvents);
  append_event(made.events(), definition.id, first);
  // Nobody sees a run that no process answers for: the lock is taken before the run has its name.
  FileLock lock = FileLock::acquire(made.lock(), kOwnLockPatience);
  create_folders(final.folder.parent_path());
  try {
    rename_into_place(made.folder, final.folder, AtomicFile::existing::refuse);
  } catch (const Error& problem) {
    if (problem.kind() != category::conflict) throw;
    throw Error(category::conflict, "there is a run '" + definition.id + "' already",
                "leave out name: or choose another: --set name=NAME");
  }
  half_made.keep();
  return {std::move(definition), final, std::move(lock), State::not_started};
}

RunWriter RunWriter::resume(const Workspace& workspace, const RunId& id, FileLock lock) {
  RunPaths paths(workspace, id);
  RunDefinition definition = read_definition(paths);
  const State state = fold(definition, read_events(paths)).state;
  return {std::move(definition), std::move(paths), std::move(lock), state};
}

std::optional<RunWriter> RunWriter::try_open(const Workspace& workspace, const RunId& id) {
  const RunPaths paths(workspace, id);
  auto lock = FileLock::try_acquire(paths.lock());
  if (!lock) return std::nullopt;
  return resume(workspace, id, std::move(*lock));
}

void RunWriter::record(Event event) {
  if (!may_follow(state_, event.state))
    throw Error(category::internal, "run " + definition_.id + " cannot go from " + name_of(state_) + " to " +
                                        name_of(event.state));
  if (event.time == Time{}) event.time = now();
  if (is_terminal(event.state)) event.summary_sha256 = summary_sha256_;
  append_event(paths_.events(), definition_.id, event);
  state_ = event.state;
}

void RunWriter::write_summary(const RunSummary& summary) {
  json document = summary;
  document["run"] = definition_.id;
  const std::string text = sealed_text(document);
  publish_file(paths_.summary(), text);
  summary_sha256_ = sha256_of(text);
}

}  // namespace amltrain
