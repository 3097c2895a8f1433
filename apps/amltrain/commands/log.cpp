// log: a metric of the run that a script is.
#include <cstdlib>
#include <limits>

#include "../checks.hpp"
#include "../table.hpp"
#include "commands.hpp"
#include "history/metric_line.hpp"

namespace amltrain::cli {
namespace {

struct LogOptions {
  std::string name;
  double value = 0;
  std::optional<std::int64_t> step, epoch;
};

/// As the launcher of several processes says it.
int own_rank() {
  const char* rank = std::getenv("RANK");
  const auto line = parse_metric_line(std::string("value=0 rank=") + (rank != nullptr ? rank : "0"));
  return line.points.front().rank;
}

void log_metric(const Context& context, const LogOptions& given) {
  const MetricPoint point{now(), given.name, given.value, given.step, given.epoch, own_rank()};
  const char* file = std::getenv("AMLTRAIN_METRICS");
  const bool in_run = file != nullptr && *file != '\0';
  if (in_run) append_metric(file, point);
  context.print(point, [&](std::ostream& out) {
    if (in_run) return;
    out << point.name << ' ' << short_number(point.value);
    if (point.step) out << " step " << *point.step;
    if (point.epoch) out << " epoch " << *point.epoch;
    out << '\n';
  });
}

/// What stands for itself in a line of metrics is none.
CLI::Validator name_of_metric() {
  return {[](std::string& text) -> std::string {
            if (text.empty()) return "the name is empty";
            const bool taken = text == "step" || text == "epoch" || text == "rank";
            return taken ? "'" + text + "' is no metric, but says what metrics belong to" : "";
          },
          ""};
}

/// CLI11 would take an empty word, of a variable that is not set, for 0.
CLI::Validator any_number() {
  return {[](std::string& text) -> std::string {
            if (text.empty()) return "the value is empty, not a number";
            char* end = nullptr;
            std::strtod(text.c_str(), &end);
            return *end == '\0' ? "" : "'" + text + "' is no number";
          },
          ""};
}

}  // namespace

void add_log(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand(
      "log",
      "From a script: log a metric of its run. Outside of one, print it, so that the script runs there too.");
  auto& options =
      options_of<LogOptions>(*command, [&context](const LogOptions& given) { log_metric(context, given); });
  command->add_option("NAME", options.name, "Of the metric")->required()->check(name_of_metric());
  command->add_option("VALUE", options.value, "A number")->required()->default_str("")->check(any_number());
  const auto most = std::numeric_limits<long long>::max();
  command->add_option("--step", options.step, "What it was measured after")
      ->type_name("N")
      ->check(whole_number(0, most));
  command->add_option("--epoch", options.epoch, "What it was measured in")
      ->type_name("N")
      ->check(whole_number(0, most));
  command->footer("Example: amltrain log val_acc 0.93 --step 100");
}

}  // namespace amltrain::cli
