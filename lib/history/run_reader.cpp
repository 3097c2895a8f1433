// Reading a run as it is now: its documents, settled against the living process.
#include <algorithm>

#include "checkpoint/folder.hpp"
#include "history/event_log.hpp"
#include "history/run_store.hpp"
#include "support/error.hpp"
#include "support/sealed.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

RunRecord read_record(const RunPaths& paths) { return fold(read_definition(paths), read_events(paths)); }

void add_notes(const RunPaths& paths, RunRecord& record) {
  RunNotes said = read_notes(paths);
  record.definition.tags = said.apply(std::move(record.definition.tags));
  record.notes = std::move(said.notes);
  record.archived = said.archived;
}

Evidence evidence_about(const RunRecord& record, bool lock_held) {
  Evidence seen;
  seen.lock_held = lock_held;
  if (record.supervisor) {
    seen.same_boot = record.supervisor->boot_id == boot_id();
    seen.supervisor_alive = is_alive(*record.supervisor);
  }
  return seen;
}

Event end_of(const RunPaths& paths, const RunRecord& record, const Transition& transition) {
  Event event;
  event.time = now();
  event.state = transition.state;
  event.reason = transition.reason;
  if (transition.state == State::failed) {
    Failure& failure = event.failure.emplace();
    failure.stage = name_of(record.state);
    failure.category = name_of(category::environment);
    failure.message = transition.reason;
    failure.hint = checkpoint_names(paths.checkpoints()).empty()
                       ? "its files so far are kept; submit it again to run it anew"
                       : go_on_hint(record.definition.id);
  }
  return event;
}

/// Records the end of a run that was left, unless its last words or another reader have told it meanwhile.
/// Returns the run as it then is.
RunRecord settle_on_disk(const Workspace& workspace, const RunRecord& seen, const Event& end) {
  const RunPaths paths(workspace, seen.definition.id);
  try {
    auto writer = RunWriter::try_open(workspace, seen.definition.id);
    if (writer && !is_terminal(writer->state())) writer->record(end);
    RunRecord settled = read_record(paths);
    if (is_terminal(settled.state)) return settled;
  } catch (const Error&) {  // a store that cannot be written: what we say of the run is true all the same
  }
  std::vector<Event> events = read_events(paths);
  events.push_back(end);
  return fold(seen.definition, events);
}

std::optional<RunSummary> written_summary(const RunPaths& paths) {
  try {
    return parse_run_summary(read_sealed(paths.summary()));
  } catch (const Error&) {  // none yet, none ever (its supervisor was lost) or damaged: it can be rebuilt
    return std::nullopt;
  }
}

RunSummary summary_of(const RunPaths& paths, bool ended) {
  if (auto written = written_summary(paths)) return std::move(*written);
  RunSummary summary{summarise_metrics(paths.metrics()), {}, {}};
  if (ended) summary.outputs = hash_tree(paths.outputs(), "outputs/");  // while it runs they are not final
  return summary;
}

}  // namespace

std::string go_on_hint(const RunId& id) {
  return "go on from its last checkpoint with: amltrain submit --resume " + id;
}

RunDefinition read_definition(const RunPaths& paths) {
  RunDefinition run = parse_run_definition(read_sealed(paths.definition()));
  if (run.id != paths.id())
    throw Error(category::bad_input, paths.definition().string() + " is of run " + run.id);
  if (run.data) run.data->folder = paths.folder / run.data->folder;
  return run;
}

std::vector<Event> read_events(const RunPaths& paths) {
  const EventLog log = read_event_log(paths.events(), paths.id());
  for (const EventLog::Fault& fault : log.faults)
    if (fault.damaged)
      throw Error(category::bad_input,
                  paths.events().string() + ": line " + std::to_string(fault.line) + " " + fault.problem,
                  "see all that is damaged with: amltrain workspace verify");
  if (log.events.empty())
    throw Error(category::bad_input, paths.events().string() + " holds no event",
                "see all that is damaged with: amltrain workspace verify");
  std::vector<Event> events;
  for (const json& event : log.events) events.push_back(parse_event(event));
  return events;
}

MetricSummary read_metric_summary(const RunPaths& paths) {
  auto written = written_summary(paths);
  return written ? std::move(written->metrics) : summarise_metrics(paths.metrics());
}

RunRecord read_run(const Workspace& workspace, const RunId& id, Detail detail) {
  const RunPaths paths(workspace, id);
  std::error_code unreadable;
  if (!std::filesystem::is_directory(paths.folder, unreadable))
    throw_unknown("run", id, workspace.runs(), workspace, "list them with: amltrain runs list");

  RunRecord record = read_record(paths);
  if (!is_terminal(record.state)) {
    // The lock is asked first: once it is free, events.jsonl holds the supervisor's last word.
    const bool held = FileLock::is_held(paths.lock());
    record = read_record(paths);
    const Transition transition = settle(record.state, evidence_about(record, held));
    if (transition.state != record.state)
      record = settle_on_disk(workspace, record, end_of(paths, record, transition));
  }
  add_notes(paths, record);
  if (detail == Detail::full) record.summary = summary_of(paths, is_terminal(record.state));
  return record;
}

RunId resolve_run(const Workspace& workspace, const std::string& id_or_prefix) {
  // A whole id needs no look at all the others.
  std::error_code absent;
  const bool plain = !id_or_prefix.empty() && id_or_prefix.front() != '.' &&
                     id_or_prefix.find('/') == std::string::npos &&
                     id_or_prefix.find('\0') == std::string::npos;
  if (plain && std::filesystem::is_directory(workspace.run_folder(id_or_prefix), absent)) return id_or_prefix;
  const std::vector<std::string> runs = workspace.runs();
  std::vector<std::string> fitting;
  for (const std::string& id : runs) {
    if (!id_or_prefix.empty() && id.starts_with(id_or_prefix)) fitting.push_back(id);
  }
  if (fitting.size() == 1) return fitting.front();
  if (fitting.empty())
    throw_unknown("run", id_or_prefix, runs, workspace, "list them with: amltrain runs list");
  constexpr std::size_t kShown = 3;
  const std::size_t count = fitting.size();
  fitting.resize(std::min(count, kShown));
  throw Error(category::bad_input, "'" + id_or_prefix + "' fits " + std::to_string(count) + " runs",
              "write more of the id: " + join(fitting, ", ") + (count > kShown ? ", ..." : ""));
}

}  // namespace amltrain
