// job explain
#include "../table.hpp"
#include "commands.hpp"
#include "job/job_explanation.hpp"
#include "support/text.hpp"

namespace amltrain::cli {
namespace {

struct ExplainOptions {
  std::string file;
  std::vector<std::string> changes;
};

/// A value in a column: text as it is, maps and lists as JSON, cut where they would push the rest away.
std::string short_value(const json& value) {
  constexpr std::size_t kMost = 32;
  std::string text = plain_text(value);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return excerpt(text, kMost);
}

void explain(Context& context, const ExplainOptions& chosen) {
  const JobExplanation explanation = explain_job_file(chosen.file, chosen.changes);
  context.print(explanation, [&](std::ostream& out) {
    Table table({"LINE", "FIELD", "VALUE", "STANDING", "HERE"});
    for (const FieldAccount& field : explanation.fields)
      table.row({field.line > 0 ? std::to_string(field.line) : "", field.path, short_value(field.value),
                 name_of(field.standing), field.here});
    table.print(out);
  });
  if (explanation.faults.empty()) return;
  const Error& first = explanation.faults.front();
  const std::size_t others = explanation.faults.size() - 1;
  throw Error(first.kind(),
              first.what() + (others > 0 ? " (and " + std::to_string(others) + " more)" : std::string()),
              first.hint());
}

void list_fields(const Context& context) {
  const json document = job_fields();
  context.print(document, [&](std::ostream& out) {
    Table table({"FIELD", "VALUE", "STANDING", "HERE"});
    for (const json& field : document["fields"])
      table.row({field["field"], field["value"].is_null() ? "" : field["value"].get<std::string>(),
                 field["standing"], field["here"]});
    table.print(out);
  });
}

}  // namespace

void add_job(CLI::App& program, Context& context) {
  auto* group = program.add_subcommand("job", "Job files: what becomes of their fields here.");
  group->require_subcommand(1)->footer("Example: amltrain job explain job.yml");
  auto* command = group->add_subcommand("explain",
                                        "Tell, field by field, whether a job file is honoured, mapped to "
                                        "what there is here, or has no meaning.");
  auto& options = options_of<ExplainOptions>(*command, [&context](const ExplainOptions& chosen) {
    chosen.file.empty() ? list_fields(context) : explain(context, chosen);
  });
  command->add_option("FILE", options.file, "Job file, YAML or JSON; without one, every field is listed");
  command
      ->add_option(
          "--set", options.changes,
          "Field of the job file by its path, with a value in YAML: --set inputs.epochs=3; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false)
      ->needs("FILE");
  command->footer("Example: amltrain job explain job.yml --set resources.instance_count=1");
}

}  // namespace amltrain::cli
