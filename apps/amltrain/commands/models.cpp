// models list | show | verify
#include "../model_view.hpp"
#include "../table.hpp"
#include "commands.hpp"
#include "support/text.hpp"

namespace amltrain::cli {
namespace {

std::uint64_t total_bytes(const ModelVersion& model) {
  std::uint64_t sum = 0;
  for (const HashedFile& file : model.files) sum += file.bytes;
  return sum;
}

void add_list(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("list", "Show registered models, newest first.");
  auto& name = options_of<std::string>(*command, [&context](const std::string& chosen) {
    const auto wanted = chosen.empty() ? std::nullopt : std::optional<std::string>(chosen);
    const auto models = list_models(context.workspace(), wanted);
    context.print(list_document("amltrain.model-list/1", models), [&](std::ostream& out) {
      Table table({"NAME", "VERSION", "CREATED", "SIZE", "RUN"});
      for (const ModelVersion& model : models) {
        table.row({model.name, std::to_string(model.version), to_iso8601(model.created_at),
                   human_bytes(total_bytes(model)), model.run});
      }
      table.print(out);
    });
  });
  command->add_option("--name", name, "Only versions of this model")->type_name("NAME");
  command->footer("Example: amltrain models list --output json");
}

void add_show(CLI::App& group, Context& context) {
  auto* command =
      group.add_subcommand("show", "Show one version: files, hashes, labels, where it came from.");
  auto& name = options_of<std::string>(*command, [&context](const std::string& chosen) {
    show_model(context, find_model(context.workspace(), chosen));
  });
  command->add_option("MODEL", name, "NAME, or NAME:VERSION; default: the newest version")->required();
  command->footer("Example: amltrain models show pt-dnn:2");
}

void verify(Context& context, const std::string& name) {
  const ModelVersion model = find_model(context.workspace(), name);
  const std::vector<FileFault> faults = verify_model(context.workspace(), model);
  const std::string title = model.name + ":" + std::to_string(model.version);
  json document = {{"schema", "amltrain.model-verification/1"},
                   {"name", model.name},
                   {"version", model.version},
                   {"files", model.files.size()},
                   {"ok", faults.empty()},
                   {"faults", json::array()}};
  for (const FileFault& fault : faults) {
    document["faults"].push_back({{"path", fault.path}, {"problem", fault.problem}});
  }
  context.print(document, [&](std::ostream& out) {
    for (const FileFault& fault : faults)
      out << title << ' ' << printable(fault.path) << ": " << printable(fault.problem) << '\n';
    if (faults.empty()) out << title << ": " << model.files.size() << " files are as registered\n";
  });
  if (!faults.empty()) {
    throw Error(category::bad_input,
                title + " is damaged: " + std::to_string(faults.size()) + " of its files differ",
                "register it again: amltrain register " + model.run + " --name " + model.name);
  }
}

void add_verify(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("verify", "Compare the files of a model with their recorded hashes.");
  auto& name =
      options_of<std::string>(*command, [&context](const std::string& chosen) { verify(context, chosen); });
  command->add_option("MODEL", name, "NAME, or NAME:VERSION; default: the newest version")->required();
  command->footer("Example: amltrain models verify pt-dnn");
}

}  // namespace

void add_models(CLI::App& program, Context& context) {
  auto* group = program.add_subcommand("models", "Registered models and their versions.");
  group->require_subcommand(1)->footer("Example: amltrain models list");
  add_list(*group, context);
  add_show(*group, context);
  add_verify(*group, context);
}

}  // namespace amltrain::cli
