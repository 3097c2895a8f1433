// runs tag | note
#include "../checks.hpp"
#include "commands.hpp"
#include "history/run_store.hpp"
#include "support/text.hpp"

namespace amltrain::cli {
namespace {

struct TagOptions {
  std::string run;
  std::vector<std::string> tags, removed;
};

struct NoteOptions {
  std::string run, text;
};

void show_tags(const Context& context, const RunRecord& run) {
  context.print(run, [&](std::ostream& out) {
    for (const auto& [key, value] : run.definition.tags) out << printable(key + "=" + value) << '\n';
  });
}

void tag(Context& context, const TagOptions& chosen) {
  const RunId run = resolve_run(context.workspace(), chosen.run);
  if (chosen.tags.empty() && chosen.removed.empty())
    throw Error(category::bad_input, "no tag is given", "write KEY=VALUE, or --remove KEY");
  const auto tags = to_map(chosen.tags);
  change_notes(RunPaths(context.workspace(), run), [&](RunNotes& notes) {
    for (const auto& [key, value] : tags) notes.tags[key] = value;
    for (const std::string& key : chosen.removed) notes.tags[key] = std::nullopt;
  });
  show_tags(context, read_run(context.workspace(), run));
}

void note(Context& context, const NoteOptions& chosen) {
  const RunId run = resolve_run(context.workspace(), chosen.run);
  change_notes(RunPaths(context.workspace(), run), [&](RunNotes& notes) {
    notes.notes.push_back({now(), chosen.text});
  });
  const RunRecord record = read_run(context.workspace(), run);
  context.print(record, [&](std::ostream& out) {
    for (const Note& each : record.notes) out << to_iso8601(each.time) << ' ' << printable(each.text) << '\n';
  });
}

}  // namespace

void add_runs_tag(CLI::App& runs, Context& context) {
  auto* command = runs.add_subcommand("tag", "Set tags of a run, or take them away; at any time.");
  auto& options =
      options_of<TagOptions>(*command, [&context](const TagOptions& chosen) { tag(context, chosen); });
  command->add_option("RUN", options.run, "Run id, or its beginning")->required();
  command->add_option("TAG", options.tags, "KEY=VALUE")->check(key_value());
  command->add_option("--remove", options.removed, "A tag to take away; may be repeated")
      ->type_name("KEY")
      ->allow_extra_args(false);
  command->footer("Example: amltrain runs tag \"$run\" quality=good reviewed=yes");
}

void add_runs_note(CLI::App& runs, Context& context) {
  auto* command = runs.add_subcommand("note", "Write something down about a run; at any time.");
  auto& options =
      options_of<NoteOptions>(*command, [&context](const NoteOptions& chosen) { note(context, chosen); });
  command->add_option("RUN", options.run, "Run id, or its beginning")->required();
  command->add_option("TEXT", options.text, "What is to be remembered")->required();
  command->footer("Example: amltrain runs note \"$run\" \"the learning rate was too high\"");
}

}  // namespace amltrain::cli
