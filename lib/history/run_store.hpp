// Runs on disk: one writer (who holds the run's lock), any number of readers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "history/run_row.hpp"
#include "support/lock.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// Paths inside a run's folder.
struct RunPaths {
  std::filesystem::path folder;
  RunPaths(const Workspace& workspace, const RunId& id) : folder(workspace.run_folder(id)) {}
  /// Of a run that is not in its place: the folder has its id as its name.
  explicit RunPaths(std::filesystem::path elsewhere) : folder(std::move(elsewhere)) {}
  RunId id() const { return folder.filename().string(); }
  std::filesystem::path definition() const { return folder / "run.json"; }
  std::filesystem::path events() const { return folder / "events.jsonl"; }
  std::filesystem::path metrics() const { return folder / "metrics.jsonl"; }
  std::filesystem::path summary() const { return folder / "summary.json"; }
  std::filesystem::path logs() const { return folder / "logs"; }
  std::filesystem::path worker_log(int rank) const {
    return logs() / ("rank-" + std::to_string(rank) + ".log");
  }
  std::filesystem::path supervisor_log() const { return logs() / "supervisor.log"; }
  std::filesystem::path environment_log() const { return logs() / "environment.log"; }
  std::filesystem::path conditions() const { return folder / "conditions.json"; }
  std::filesystem::path source_diff() const { return folder / "source.diff"; }
  std::filesystem::path outputs() const { return folder / "outputs"; }
  std::filesystem::path inputs() const { return folder / "inputs"; }  // those that it has copies of
  std::filesystem::path code() const { return folder / "code"; }      // its source, laid out
  std::filesystem::path checkpoints() const { return folder / "checkpoints"; }
  std::filesystem::path lock() const { return folder / "supervisor.lock"; }
  std::filesystem::path notes() const { return folder / "notes.json"; }
  std::filesystem::path notes_lock() const { return folder / "notes.lock"; }
  std::filesystem::path batch_script() const { return folder / "slurm.sh"; }  // of a job of Slurm
  std::filesystem::path cancel_request() const { return folder / "cancel.json"; }
};

/// EXPERIMENT_EPOCHSECONDS_8HEX
RunId new_run_id(const std::string& experiment, Time submitted_at);

/// The one writer of a run. Every event is on disk (fsync) when record() returns.
class RunWriter {
 public:
  /// Makes the run's folder whole (run.json, first event NotStarted, logs/, outputs/) under a temporary name,
  /// takes its lock and only then gives it its name. `definition.id` empty: a new id is made.
  static RunWriter create(const Workspace& workspace, RunDefinition definition);
  /// In the supervisor: goes on with the lock inherited from the submitter.
  static RunWriter resume(const Workspace& workspace, const RunId& id, FileLock lock);
  /// For settling; absent when somebody holds the lock.
  static std::optional<RunWriter> try_open(const Workspace& workspace, const RunId& id);

  /// Refuses (Error{internal}) a state that may not follow the last one.
  void record(Event event);
  void write_summary(const RunSummary& summary);
  const RunDefinition& definition() const { return definition_; }
  const RunPaths& paths() const { return paths_; }
  State state() const { return state_; }
  const FileLock& lock() const { return lock_; }

 private:
  RunWriter(RunDefinition definition, RunPaths paths, FileLock lock, State state);
  RunDefinition definition_;
  RunPaths paths_;
  FileLock lock_;
  State state_;
  std::string summary_sha256_;  // of what write_summary() wrote; empty: nothing yet
};

/// Expands a unique prefix of an id. Throws Error{not_found} with "did you mean", Error{bad_input} when it
/// fits several.
RunId resolve_run(const Workspace& workspace, const std::string& id_or_prefix);

enum class Detail { state, full };  // full adds metrics and outputs

/// Reads a run and settles it: when its supervisor is gone, the end is recorded once, under the run's lock,
/// by whoever looks first. On a store that can't be written the settled state is shown all the same.
RunRecord read_run(const Workspace& workspace, const RunId& id, Detail detail = Detail::full);

/// The workers that have a log, ascending.
std::vector<int> ranks_with_logs(const RunPaths& paths);

/// The documents as they are, unsettled; the folder of the run's data is absolute. Both throw
/// Error{bad_input} when theirs is damaged, another run's, or not there.
RunDefinition read_definition(const RunPaths& paths);
std::vector<Event> read_events(const RunPaths& paths);
/// Both together: the run as it was last recorded.
RunRecord read_recorded(const RunPaths& paths);
/// From summary.json, or from metrics.jsonl while there is none.
MetricSummary read_metric_summary(const RunPaths& paths, bool ended);

/// What to type to go on with a run that has checkpoints.
std::string go_on_hint(const RunId& id);

struct RunFilter {
  std::vector<State> states;  // empty: all
  std::optional<std::string> experiment;
  std::optional<std::string> compute;
  std::optional<std::string> metric;       // only runs that have it
  std::optional<std::string> sort_metric;  // best first; default: newest first
  std::map<std::string, std::string> tags;
  bool archived = false;  // true: those too that were archived
  std::size_t limit = 0;  // 0: no limit
};
/// A damaged run does not hide the others: it is shown as Failed with the reason.
std::vector<RunRow> list_rows(const Workspace& workspace, const RunFilter& filter);
/// With all that is recorded of each, which takes far longer.
std::vector<RunRecord> list_runs(const Workspace& workspace, const RunFilter& filter);

/// Blocks until something in the run's folder may have changed, or `patience` has passed (inotify).
class RunWatch {
 public:
  explicit RunWatch(const RunPaths& paths);
  void wait(std::chrono::milliseconds patience);
  int fd() const { return inotify_.get(); }

 private:
  Fd inotify_;
};

}  // namespace amltrain
