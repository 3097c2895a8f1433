// runs list
#include "../checks.hpp"
#include "../run_view.hpp"
#include "../table.hpp"
#include "commands.hpp"
#include "history/run_store.hpp"
#include "job/queue_view.hpp"

namespace amltrain::cli {
namespace {

struct ListOptions {
  std::vector<std::string> states, tags;
  std::string experiment, compute, metric, sort;
  bool archived = false;
  std::size_t limit = 0;
};

RunFilter filter_of(const ListOptions& chosen) {
  const auto given = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
  };
  RunFilter filter;
  for (const std::string& name : chosen.states) filter.states.push_back(parse_state(name));
  filter.experiment = given(chosen.experiment);
  filter.compute = given(chosen.compute);
  filter.metric = given(chosen.metric);
  filter.sort_metric = given(chosen.sort);
  filter.tags = to_map(chosen.tags);
  filter.archived = chosen.archived;
  filter.limit = chosen.limit;
  return filter;
}

/// Of a damaged run it may not be known.
std::string known_time(Time time) { return time == Time() ? "-" : to_iso8601(time); }

void tell_damaged(const Context& context, const std::vector<RunRow>& rows) {
  for (const RunRow& row : rows)
    if (row.record && row.record->damaged)
      context.notice(row.id + ": " + row.record->reason + "; see amltrain workspace verify");
}

/// Of those that are queued. True when there are some.
bool explain_queued(const Workspace& workspace, std::vector<RunRow>& rows) {
  std::vector<RunRecord> queued;
  for (RunRow& row : rows)
    if (row.state == State::queued) queued.push_back(std::move(*row.record));
  explain_queue(workspace, queued);
  auto next = queued.begin();
  for (RunRow& row : rows)
    if (row.state == State::queued) *row.record = std::move(*next++);
  return !queued.empty();
}

void list_documents(Context& context, const RunFilter& filter) {
  std::vector<RunRecord> runs = list_runs(context.workspace(), filter);
  explain_queue(context.workspace(), runs);
  context.print(list_document("amltrain.run-list/1", runs), {});
}

void list_table(Context& context, const RunFilter& filter) {
  std::vector<RunRow> rows = list_rows(context.workspace(), filter);
  const bool any_queued = explain_queued(context.workspace(), rows);
  const auto& metric = filter.sort_metric ? filter.sort_metric : filter.metric;
  Table table({"RUN", "STATE", "EXPERIMENT", "COMPUTE", "SUBMITTED", "DURATION", metric ? "METRIC" : "",
               any_queued ? "QUEUE" : ""});
  for (const RunRow& row : rows) {
    table.row({row.id, name_of(row.state), row.experiment, row.compute, known_time(row.submitted_at),
               describe_duration(row.started_at, row.ended_at),
               metric ? describe_metric(*row.metrics, *metric) : "",
               row.record ? describe_queue(*row.record) : ""});
  }
  table.print(context.out());
  tell_damaged(context, rows);
  if (rows.empty()) context.notice("No such runs. Start one with: amltrain submit --data NAME");
}

/// Of ten thousand runs the documents take longer to read and to write than all else.
void list(Context& context, const ListOptions& chosen) {
  const RunFilter filter = filter_of(chosen);
  if (context.json_output()) {
    list_documents(context, filter);
  } else {
    list_table(context, filter);
  }
}

}  // namespace

void add_runs_list(CLI::App& runs, Context& context) {
  auto* command = runs.add_subcommand("list", "Show runs, newest first.");
  auto& options =
      options_of<ListOptions>(*command, [&context](const ListOptions& chosen) { list(context, chosen); });
  command->add_option("--state", options.states, "Only runs in these states: Running, Completed, Failed, ...")
      ->type_name("STATE")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--experiment", options.experiment, "Only runs of this experiment")->type_name("NAME");
  command->add_option("--compute", options.compute, "Only runs on this compute target")->type_name("NAME");
  command->add_option("--metric", options.metric, "Only runs that measured this, which is shown")
      ->type_name("NAME");
  command->add_option("--sort", options.sort, "By the best value of this metric, best first")
      ->type_name("METRIC");
  command->add_option("--tag", options.tags, "Only runs with this tag; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->check(key_value());
  command->add_flag("--archived", options.archived, "Those too that were archived");
  command->add_option("--limit", options.limit, "Only the first N; 0: all")
      ->type_name("N")
      ->check(whole_number(0, 1'000'000'000));
  command->footer("Example: amltrain runs list --state Completed --sort val_acc --limit 5");
}

}  // namespace amltrain::cli
