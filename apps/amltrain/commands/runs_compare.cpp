// runs compare
#include "../table.hpp"
#include "commands.hpp"
#include "history/run_store.hpp"
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

void compare(Context& context, const CompareOptions& chosen) {
  std::vector<RunRecord> runs;
  for (const std::string& name : chosen.runs)
    runs.push_back(read_run(context.workspace(), resolve_run(context.workspace(), name)));
  if (runs.size() < 2) throw Error(category::bad_input, "one run can't be compared", "name two or more");
  const RunComparison comparison = compare_runs(context.workspace(), runs);
  context.print(comparison, [&](std::ostream& out) {
    std::vector<std::string> header{"", ""};
    header.insert(header.end(), comparison.runs.begin(), comparison.runs.end());
    Table table(std::move(header));
    for (const ComparedItem& item : comparison.items) {
      if (!item.differs && !chosen.all) continue;
      std::vector<std::string> row{item.section, item.name};
      for (const json& value : item.values) row.push_back(cell(value));
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
