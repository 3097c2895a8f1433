#include "reproduction_view.hpp"

#include "context.hpp"
#include "support/text.hpp"
#include "table.hpp"

namespace amltrain::cli {
namespace {

std::string describe_end(const RunRecord& run) {
  const std::string code = run.exit_code ? ", exit code " + std::to_string(*run.exit_code) : "";
  return run.definition.id + " (" + name_of(run.state) + code + ")";
}

std::string count(std::uint64_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string describe_verdict(const Reproduction& reproduction) {
  const MetricComparison& metrics = reproduction.metrics;
  const std::string points = count(metrics.points, "metric point");
  switch (reproduction.verdict()) {
    case Verdict::identical:
      if (metrics.points == 0 && reproduction.outputs.same == 0)
        return "identical: nothing to compare but the exit code";
      return "identical: " + points + ", " + count(reproduction.outputs.same, "output");
    case Verdict::within_tolerance:
      return "within tolerance: " + points + ", of which " + std::to_string(metrics.differing) +
             " differ by at most " + short_number(metrics.largest_difference);
    case Verdict::different:
      break;
  }
  if (!reproduction.ended_alike()) return "different: it ended otherwise";
  if (metrics.beyond == 0) return "different: its outputs";
  return "different: " + std::to_string(metrics.beyond) + " of " + points;
}

std::string describe_first(const MetricDifference& first) {
  std::string text = first.name;
  if (first.epoch) text += ", epoch " + std::to_string(*first.epoch);
  if (first.step) text += ", step " + std::to_string(*first.step);
  if (first.rank > 0) text += ", rank " + std::to_string(first.rank);
  const auto value = [](const std::optional<double>& number) {
    return number ? json(*number).dump() : "no point";
  };
  return text + ": " + value(first.before) + " before, " + value(first.now) + " now";
}

}  // namespace

void show_reproduction(std::ostream& out, const Reproduction& reproduction) {
  Fields fields;
  fields.add("Original", describe_end(reproduction.original));
  fields.add("Run", describe_end(reproduction.run));
  fields.add("Verdict", describe_verdict(reproduction));
  if (reproduction.metrics.first) fields.add("First difference", describe_first(*reproduction.metrics.first));
  const OutputComparison& outputs = reproduction.outputs;
  const std::string title = outputs.counted ? "" : ", not counted";
  for (const auto& [paths, what] :
       {std::pair{&outputs.different, "Output differs"}, std::pair{&outputs.missing, "Output missing"},
        std::pair{&outputs.extra, "Output added"}})
    for (const std::string& path : *paths) fields.add(what + title, path);
  if (!reproduction.metrics.left_out.empty())
    fields.add("Not compared", join(reproduction.metrics.left_out, ", "));
  for (const Change& change : reproduction.changed)
    fields.add("Changed", change.what + ": " + plain_text(change.before) + " -> " + plain_text(change.now));
  if (reproduction.changed.empty()) fields.add("Changed", "nothing that is recorded");
  fields.print(out);
}

}  // namespace amltrain::cli
