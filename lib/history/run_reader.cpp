// Reading a run as it is now: its documents, settled against the living process.
#include <algorithm>
#include <charconv>

#include "history/event_log.hpp"
#include "history/run_store.hpp"
#include "history/settling.hpp"
#include "history/slurm_view.hpp"
#include "support/error.hpp"
#include "support/sealed.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

void add_notes(const RunPaths& paths, RunRecord& record) {
  RunNotes said = read_notes(paths);
  record.definition.tags = said.apply(std::move(record.definition.tags));
  record.notes = std::move(said.notes);
  record.archived = said.archived;
}

std::optional<RunSummary> written_summary(const RunPaths& paths) {
  try {
    return parse_run_summary(read_sealed(paths.summary()));
  } catch (const Error&) {  // none yet, none ever (its supervisor was lost) or damaged: it can be rebuilt
    return std::nullopt;
  }
}

json written_conditions(const RunPaths& paths) {
  try {
    json written = read_sealed(paths.conditions());
    require_schema(written, "amltrain.conditions/1", paths.conditions().string());
    for (const char* of_the_file : {"run", "document_sha256"}) written.erase(of_the_file);
    return written;
  } catch (const Error&) {  // not yet; or damaged, which keeps nobody from the rest
    return nullptr;
  }
}

RunSummary summary_of(const RunPaths& paths, bool ended) {
  if (auto written = written_summary(paths)) return std::move(*written);
  RunSummary summary{summarise_metrics(paths.metrics(), ended), {}, {}, {}};
  std::vector<std::string> left_out;
  if (ended) summary.outputs = hash_tree(paths.outputs(), "outputs/", &left_out);  // not final while it runs
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

RunRecord read_recorded(const RunPaths& paths) { return fold(read_definition(paths), read_events(paths)); }

std::vector<int> ranks_with_logs(const RunPaths& paths) {
  constexpr std::string_view kPrefix = "rank-", kSuffix = ".log";
  std::vector<int> ranks;
  std::error_code absent;  // of a damaged run
  for (const auto& entry : std::filesystem::directory_iterator(paths.logs(), absent)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    const char* digits_end = name.data() + name.size() - kSuffix.size();
    int rank = -1;
    const auto [end, problem] = std::from_chars(name.data() + kPrefix.size(), digits_end, rank);
    if (problem == std::errc{} && end == digits_end && rank >= 0) ranks.push_back(rank);
  }
  std::sort(ranks.begin(), ranks.end());
  return ranks;
}

MetricSummary read_metric_summary(const RunPaths& paths, bool ended) {
  auto written = written_summary(paths);
  return written ? std::move(written->metrics) : summarise_metrics(paths.metrics(), ended);
}

std::optional<RunRecord> read_unless_in_slurm(const Workspace& workspace, const RunId& id) {
  const RunPaths paths(workspace, id);
  std::error_code unreadable;
  if (!std::filesystem::is_directory(paths.folder, unreadable))
    throw_unknown("run", id, workspace.runs(), workspace, "list them with: amltrain runs list");

  RunRecord record = read_recorded(paths);
  if (!is_terminal(record.state)) {
    // The lock is asked first: once it is free, events.jsonl holds the supervisor's last word.
    const bool held = FileLock::is_held(paths.lock());
    record = read_recorded(paths);
    if (is_for_slurm(paths, record, held)) return std::nullopt;
    if (record.definition.slurm_cluster.empty())
      record = settled(workspace, record, evidence_about(paths, record, held));
  }
  add_notes(paths, record);
  return record;
}

RunRecord read_run(const Workspace& workspace, const RunId& id, Detail detail) {
  const RunPaths paths(workspace, id);
  auto here = read_unless_in_slurm(workspace, id);
  RunRecord record = here ? std::move(*here) : settled_by_slurm(workspace, read_recorded(paths));
  if (!here) add_notes(paths, record);
  if (detail == Detail::full) {
    record.summary = summary_of(paths, is_terminal(record.state));
    record.conditions = written_conditions(paths);
  }
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
