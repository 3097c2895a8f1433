// runs metrics
#include <algorithm>

#include "../checks.hpp"
#include "../metrics_view.hpp"
#include "commands.hpp"
#include "history/run_store.hpp"
#include "support/error.hpp"

namespace amltrain::cli {
namespace {

struct MetricsOptions {
  std::string run, format;
  std::vector<std::string> names;
  bool all = false;
};

constexpr std::size_t kLastSteps = 20;

bool has_ended(const Workspace& workspace, const RunId& run) try {
  return is_terminal(read_run(workspace, run, Detail::state).state);
} catch (const Error&) {  // damaged documents keep nobody from the metrics
  return true;
}

void show_metrics(Context& context, const MetricsOptions& chosen) {
  const RunId run = resolve_run(context.workspace(), chosen.run);
  const RunPaths paths(context.workspace(), run);
  SkippedLines skipped;
  const MetricReading reading{.ended = has_ended(context.workspace(), run), .skipped = &skipped};
  const auto wanted = [&](const MetricPoint& point) {
    return chosen.names.empty() ||
           std::find(chosen.names.begin(), chosen.names.end(), point.name) != chosen.names.end();
  };
  const std::string format = !chosen.format.empty()  ? chosen.format
                             : context.json_output() ? "jsonl"
                                                     : "table";
  if (format == "table") {
    MetricTable table(chosen.all ? MetricTable::kAllSteps : kLastSteps);
    const auto add = [&](const MetricPoint& point) {
      if (wanted(point)) table.add(point);
    };
    for_each_metric(paths.metrics(), add, reading);
    table.print(context.out());
    if (table.left_out() > 0)
      context.notice("The last " + std::to_string(table.steps()) + " steps; " +
                     std::to_string(table.left_out()) +
                     " points of earlier ones are left out: see them with --all");
  } else {
    if (format == "csv") context.out() << kMetricCsvHeader << '\n';
    const auto print = [&](const MetricPoint& point) {
      if (!wanted(point)) return;
      context.out() << (format == "csv" ? to_csv(point) : lossy_text(point)) << '\n';
    };
    for_each_metric(paths.metrics(), print, reading);
  }
  if (skipped.lines > 0) context.notice(describe_skipped(skipped));
}

}  // namespace

void add_runs_metrics(CLI::App& runs, Context& context) {
  auto* command = runs.add_subcommand(
      "metrics", "Show what a run measured: a table of its epochs or steps, or every point.");
  auto& options = options_of<MetricsOptions>(
      *command, [&context](const MetricsOptions& chosen) { show_metrics(context, chosen); });
  command->add_option("RUN", options.run, "Run id, or its beginning")->required();
  command->add_option("--name", options.names, "Only this metric; may be repeated")
      ->type_name("NAME")
      ->delimiter(',')
      ->allow_extra_args(false);
  one_of(command->add_option(
             "--format", options.format,
             "table: the last value of each epoch, or else step; jsonl and csv: every point; default: "
             "table, or jsonl with --output json"),
         {"table", "jsonl", "csv"});
  command->add_flag("--all", options.all, "In a table of steps, show all of them and not the last 20 alone");
  command->footer("Example: amltrain runs metrics \"$run\" --name val_acc --format csv > val_acc.csv");
}

}  // namespace amltrain::cli
