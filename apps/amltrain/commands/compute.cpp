// compute create | list | show | delete
#include <algorithm>
#include <optional>

#include "../checks.hpp"
#include "../table.hpp"
#include "commands.hpp"
#include "compute/lease.hpp"
#include "compute/target.hpp"
#include "support/text.hpp"

namespace amltrain::cli {
namespace {

std::string describe_gpus(const Inventory& inventory) {
  std::vector<std::string> words;
  for (const Gpu& gpu : inventory.gpus) {
    words.push_back(std::to_string(gpu.index) + ": " + gpu.name + " (" + human_bytes(gpu.memory_bytes) + ")");
  }
  return words.empty() ? "none" : join(words, ", ");
}

std::string gpus_of(const ComputeTarget& target) {
  if (target.gpus.empty()) return target.inventory.gpus.empty() ? "none" : "all";
  std::vector<std::string> indices;
  for (const int index : target.gpus) indices.push_back(std::to_string(index));
  return join(indices, ",");
}

void show(Context& context, const ComputeTarget& target) {
  json document = target;
  document["nodes_in_use"] = slots_in_use(context.workspace(), target);
  context.print(document, [&](std::ostream& out) {
    const Inventory& machine = target.inventory;
    Fields fields;
    fields.add("Compute", target.name);
    fields.add("Kind", target.kind);
    fields.add("Nodes", std::to_string(document["nodes_in_use"].get<int>()) + " of " +
                            std::to_string(target.max_nodes) + " in use");
    fields.add("GPUs of a run", gpus_of(target));
    fields.add("Threads of a run", target.threads == 0 ? "all cores" : std::to_string(target.threads));
    fields.add("Machine", machine.host);
    fields.add("Processor", machine.cpu_model);
    fields.add("Cores", std::to_string(machine.cores));
    fields.add("Memory", human_bytes(machine.memory_bytes));
    fields.add("Instructions", join(machine.instruction_sets, " "));
    fields.add("GPUs", describe_gpus(machine));
    fields.add("Created", to_iso8601(target.created_at));
    fields.print(out);
  });
}

struct CreateOptions {
  std::string name, kind = "local", timeout;
  std::optional<int> max_nodes, threads;
  std::vector<int> gpus;
  bool wait = false;
};

bool is_present(const Workspace& workspace, const std::string& name) {
  const auto names = workspace.computes();
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// A setting that was not given is the existing target's, so that creating by name alone finds it.
ComputeTarget wanted_target(const Workspace& workspace, const CreateOptions& chosen) {
  ComputeTarget wanted;
  if (is_present(workspace, chosen.name)) wanted = read_compute(workspace, chosen.name);
  wanted.name = chosen.name;
  wanted.kind = chosen.kind;
  wanted.max_nodes = chosen.max_nodes.value_or(wanted.max_nodes);
  wanted.threads = chosen.threads.value_or(wanted.threads);
  if (!chosen.gpus.empty()) wanted.gpus = chosen.gpus;
  return wanted;
}

void add_create(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("create", "Make a compute target, or find the one of that name.");
  auto& options = options_of<CreateOptions>(*command, [&context](const CreateOptions& chosen) {
    const ComputeTarget wanted = wanted_target(context.workspace(), chosen);
    const auto [target, created] = ensure_compute(context.workspace(), wanted);
    context.notice(created ? "Creating a new compute target..." : "Found existing compute target");
    show(context, target);
  });
  command->add_option("NAME", options.name, "Of the compute target")->required();
  command->add_option("--kind", options.kind, "What it is; in this version: local, this machine")
      ->type_name("KIND");
  command
      ->add_option("--max-nodes", options.max_nodes, "Slots: runs at a time that take one each; default: 1")
      ->type_name("N")
      ->check(whole_number(1, 1024));
  command->add_option("--gpus", options.gpus, "Indices of the GPUs that runs may use, as 0,1; default: all")
      ->type_name("LIST")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--threads", options.threads, "Threads of a run's arithmetic; default: 0, one a core")
      ->type_name("N")
      ->check(whole_number(0, 4096));
  command->add_flag("--wait", options.wait, "Return when it is ready, as this command always does");
  command->add_option("--timeout", options.timeout, "Longest wait for it")
      ->type_name("TIME")
      ->check(duration());
  command->footer("Example: amltrain compute create local --max-nodes 2 --wait");
}

void add_list(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("list", "Show the compute targets.");
  command->footer("Example: amltrain compute list --output json");
  command->callback([&context] {
    const auto targets = list_computes(context.workspace());
    context.print(list_document("amltrain.compute-list/1", targets), [&](std::ostream& out) {
      Table table({"NAME", "KIND", "IN USE", "NODES", "CORES", "MEMORY", "GPUS"});
      for (const auto& target : targets) {
        table.row({target.name, target.kind, std::to_string(slots_in_use(context.workspace(), target)),
                   std::to_string(target.max_nodes), std::to_string(target.inventory.cores),
                   human_bytes(target.inventory.memory_bytes), gpus_of(target)});
      }
      table.print(out);
    });
  });
}

void add_named(CLI::App& group, const char* name, const char* description,
               std::function<void(std::string)> run) {
  auto* command = group.add_subcommand(name, description);
  auto& target = options_of<std::string>(*command, std::move(run));
  command->add_option("NAME", target, "Of the compute target")->required();
  command->footer(std::string("Example: amltrain compute ") + name + " local");
}

}  // namespace

void add_compute(CLI::App& program, Context& context) {
  auto* group = program.add_subcommand("compute", "Where runs run.");
  group->require_subcommand(1)->footer("Example: amltrain compute create local");
  add_create(*group, context);
  add_list(*group, context);
  add_named(*group, "show", "Show a compute target and what its machine has.",
            [&context](const std::string& name) { show(context, read_compute(context.workspace(), name)); });
  add_named(*group, "delete", "Remove a compute target that no run uses.",
            [&context](const std::string& name) {
              delete_compute(context.workspace(), name);
              context.notice("Deleted compute target " + name);
              context.print({{"schema", "amltrain.deleted/1"}, {"compute", name}}, [](std::ostream&) {});
            });
}

}  // namespace amltrain::cli
