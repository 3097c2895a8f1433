#include <algorithm>

#include "checkpoint/folder.hpp"
#include "history/event_log.hpp"
#include "history/run_store.hpp"
#include "support/checksum.hpp"
#include "support/error.hpp"
#include "support/hash.hpp"
#include "support/regular_file.hpp"
#include "upkeep/findings.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code absent;
  return fs::exists(path, absent);
}

class RunCheck {
 public:
  RunCheck(const Workspace& workspace, const RunId& id, Findings& found)
      : workspace_(workspace), paths_(workspace, id), found_(found) {}

  void run() {
    check_definition();
    // The lock first: once it is free, the events hold the supervisor's last word.
    const bool held = FileLock::is_held(paths_.lock());
    check_events();
    if (ended_) {
      if (torn_) found_.fault(paths_.events(), "ends with a line that is cut short");
      check_summary();
    } else if (!held && !supervisor_lives_ && events_whole_) {
      found_.fault(paths_.events(), "has no end, though the run's supervisor is gone; amltrain runs show " +
                                        paths_.id() + " records one");
    }
    if (ended_ || !held) check_checkpoints();
    if (is_there(paths_.notes()))
      found_.document(paths_.notes(), [&](const json& in) {
        require_owner("run", field<std::string>(in, "run"), paths_.id());
        read_notes(paths_);
      });
    if (is_there(paths_.cancel_request()))
      found_.document(paths_.cancel_request(), [&](const json& in) {
        require_schema(in, "amltrain.cancel/1", "cancel request");
        require_owner("run", field<std::string>(in, "run"), paths_.id());
      });
  }

 private:
  void check_definition() {
    found_.document(paths_.definition(), [&](const json& in) {
      const RunDefinition definition = parse_run_definition(in);
      require_owner("run", definition.id, paths_.id());
      require_there(workspace_.experiment_file(definition.experiment));
      if (!definition.snapshot.empty()) require_there(workspace_.snapshot_file(definition.snapshot));
      if (definition.git && definition.git->diff) found_.files({&*definition.git->diff, 1}, paths_.folder);
    });
    if (is_there(paths_.conditions()))
      found_.document(paths_.conditions(), [&](const json& in) {
        require_schema(in, "amltrain.conditions/1", "conditions");
        require_owner("run", field<std::string>(in, "run"), paths_.id());
      });
  }

  void require_there(const fs::path& document) {
    if (!is_there(document)) found_.fault(document, "missing: run " + paths_.id() + " names it");
  }

  void check_events() try {
    found_.count_document();
    const EventLog log = read_event_log(paths_.events(), paths_.id());
    for (const EventLog::Fault& fault : log.faults)
      found_.fault(paths_.events(), "line " + std::to_string(fault.line) + " " + fault.problem);
    if (log.events.empty()) return found_.fault(paths_.events(), "holds no event");
    torn_ = log.torn;
    events_whole_ = log.faults.empty();
    for (const json& line : log.events) {
      const Event event = parse_event(line);
      ended_ = ended_ || is_terminal(event.state);
      if (!event.summary_sha256.empty()) summary_sha256_ = event.summary_sha256;
      if (event.supervisor) supervisor_lives_ = is_alive(*event.supervisor);
    }
  } catch (const Error& problem) {
    found_.fault(paths_.events(), problem.kind() == category::not_found ? "missing" : problem.what());
  }

  /// A run that ended in order says which summary it wrote; what a lost one left is its own witness.
  void check_summary() {
    if (summary_sha256_.empty() && !is_there(paths_.summary())) return;
    RunSummary summary;
    const auto text = found_.document(paths_.summary(), [&](const json& in) {
      summary = parse_run_summary(in);
      require_owner("run", field<std::string>(in, "run"), paths_.id());
    });
    if (!text) return;
    if (!summary_sha256_.empty() && sha256_of(*text) != summary_sha256_)
      return found_.fault(paths_.summary(), "is not the one that the run's last event names");
    found_.files(summary.outputs, paths_.folder);
    found_.files(summary.records, paths_.folder);
    found_.extras(summary.outputs, paths_.outputs(), "outputs/");
  }

  void check_checkpoints() {
    for (const std::string& name : checkpoint_names(paths_.checkpoints())) check_checkpoint(name);
  }

  void check_checkpoint(const std::string& name) {
    const fs::path file = checkpoint_document_file(paths_.checkpoints(), name);
    found_.count_document();
    try {
      const CheckpointDocument document = read_checkpoint_document(file);
      const std::string text = read_regular(file);
      if (parse_json(text, file.string()).dump() + "\n" != text) found_.fault(file, "content changed");
      if (!document.parts.empty() && document.parts.front().file != checkpoint_tensors_name(name))
        found_.fault(file, "is of checkpoint " + fs::path(document.parts.front().file).stem().string());
      for (const CheckpointPart& part : document.parts) check_part(part);
    } catch (const Error& problem) {
      found_.fault(file, problem.what());
    }
  }

  void check_part(const CheckpointPart& part) {
    const fs::path file = paths_.checkpoints() / part.file;
    found_.count_file(part.bytes);
    std::error_code absent;
    const auto bytes = fs::file_size(file, absent);
    if (absent)
      found_.fault(file, "missing");
    else if (bytes != part.bytes)
      found_.fault(file, "has " + std::to_string(bytes) + " bytes, not " + std::to_string(part.bytes));
    else if (checksum_of_file(file) != part.checksum)
      found_.fault(file, "content changed");
  }

  const Workspace& workspace_;
  RunPaths paths_;
  Findings& found_;
  bool events_whole_ = false, ended_ = false, torn_ = false, supervisor_lives_ = false;
  std::string summary_sha256_;
};

}  // namespace

std::vector<Task> run_tasks(const Workspace& workspace) {
  std::vector<Task> tasks;
  for (const RunId& id : workspace.runs())
    tasks.emplace_back([&workspace, id](Findings& found) {
      found.unless_gone(workspace.run_folder(id),
                        [&](Findings& of_run) { RunCheck(workspace, id, of_run).run(); });
    });
  return tasks;
}

}  // namespace amltrain
