// runs compare
#include <algorithm>

#include "../table.hpp"
#include "commands.hpp"
#include "history/run_store.hpp"
#include "support/text.hpp"
#include "upkeep/compare_runs.hpp"

namespace amltrain::cli {
namespace {

struct CompareOptions {
  std::vector<std::string> runs;
  bool all = false;
};

std::string cell(const json& value) {
  if (value.is_null()) return "-";
  if (value.is_number_float()) return short_number(value.get<double>());
  return plain_text(value);
}

/// From a little before the place where they part, so that long texts which differ are seen to.
std::vector<std::string> side_by_side(const std::vector<json>& values) {
  constexpr std::size_t kMost = 48, kBefore = 12;
  std::vector<std::string> cells;
  for (const json& value : values) cells.push_back(printable(cell(value)));
  std::string common = cells.front();
  for (const std::string& text : cells)
    common.erase(std::mismatch(common.begin(), common.end(), text.begin(), text.end()).first, common.end());
  const std::size_t same = display_width(common);
  for (std::string& text : cells) text = excerpt(text, kMost, same > kMost / 2 ? same - kBefore : 0);
  return cells;
}

std::string describe(const Parting& parting) {
  const MetricDifference& at = parting.point;
  std::string text = at.step    ? "step " + std::to_string(*at.step)
                     : at.epoch ? "epoch " + std::to_string(*at.epoch)
                                : "point " + std::to_string(at.point);
  if (at.rank > 0) text += " of rank " + std::to_string(at.rank);
  const auto value = [](const std::optional<double>& known) { return known ? short_number(*known) : "-"; };
  return text + ": " + value(at.before) + ", " + value(at.now);
}

void compare(Context& context, const CompareOptions& chosen) {
  std::vector<RunRecord> runs;
  for (const std::string& name : chosen.runs)
    runs.push_back(read_run(context.workspace(), resolve_run(context.workspace(), name)));
  if (runs.size() < 2) throw Error(category::bad_input, "one run can't be compared", "name two or more");
  const RunComparison comparison = compare_runs(context.workspace(), runs);
  context.print(comparison, [&](std::ostream& out) {
    std::vector<std::string> header{"", ""};
    header.insert(header.end(), comparison.runs.begin(), comparison.runs.end());
    const bool any_part = std::any_of(comparison.items.begin(), comparison.items.end(),
                                      [](const ComparedItem& item) { return item.parting.has_value(); });
    if (any_part) header.emplace_back("PARTS AT");
    Table table(std::move(header));
    for (const ComparedItem& item : comparison.items) {
      if (!item.differs && !chosen.all) continue;
      std::vector<std::string> row{item.section, item.name};
      for (std::string& text : side_by_side(item.values)) row.push_back(std::move(text));
      if (item.parting) row.push_back(describe(*item.parting));
      table.row(std::move(row));
    }
    table.print(out);
  });
}

}  // namespace

void add_runs_compare(CLI::App& runs, Context& context) {
  auto* command = runs.add_subcommand(
      "compare", "Show two or more runs side by side: parameters, metrics, what differs.");
  auto& options = options_of<CompareOptions>(
      *command, [&context](const CompareOptions& chosen) { compare(context, chosen); });
  command->add_option("RUN", options.runs, "Run ids, or their beginnings")->required();
  command->add_flag("--all", options.all, "Show what is the same, too");
  command->footer("Example: amltrain runs compare \"$old\" \"$new\"");
}

}  // namespace amltrain::cli
