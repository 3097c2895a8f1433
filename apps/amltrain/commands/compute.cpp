// compute create | list | show | delete
#include <algorithm>
#include <optional>

#include "../checks.hpp"
#include "../table.hpp"
#include "commands.hpp"
#include "compute/hostfile.hpp"
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
  if (target.slurm) return "as Slurm gives";
  if (!target.hosts.empty()) return "all of its hosts";
  if (target.gpus.empty()) return target.inventory.gpus.empty() ? "none" : "all";
  std::vector<std::string> indices;
  for (const int index : target.gpus) indices.push_back(std::to_string(index));
  return join(indices, ",");
}

std::string describe_host(const Host& host) {
  const Inventory& machine = host.inventory;
  return host.name + " (" + host.address + "): " + std::to_string(host.slots) + " processes, " +
         std::to_string(machine.cores) + " cores, " + human_bytes(machine.memory_bytes) + ", " +
         human_bytes(host.free_bytes) + " of free disk, GPUs: " + describe_gpus(machine);
}

/// What the target has: of its hosts together.
struct Sums {
  int cores = 0;
  std::uint64_t memory_bytes = 0;
  std::size_t gpus = 0;
};
Sums sums_of(const std::vector<Host>& hosts) {
  Sums sums;
  for (const Host& host : hosts) {
    sums.cores += host.inventory.cores;
    sums.memory_bytes += host.inventory.memory_bytes;
    sums.gpus += host.inventory.gpus.size();
  }
  return sums;
}

std::vector<std::string> row_of(Context& context, const ComputeTarget& target) {
  Sums sums{target.inventory.cores, target.inventory.memory_bytes, 0};
  std::string gpus = gpus_of(target);
  if (target.slurm)  // its queue tells
    return {target.name, target.kind, "-", std::to_string(target.max_nodes), "-", "-", "-"};
  if (!target.hosts.empty()) {
    sums = sums_of(target.hosts);
    gpus = sums.gpus == 0 ? "none" : std::to_string(sums.gpus);
  }
  return {target.name,
          target.kind,
          std::to_string(slots_in_use(context.workspace(), target)),
          std::to_string(target.max_nodes),
          std::to_string(sums.cores),
          human_bytes(sums.memory_bytes),
          gpus};
}

void show_machine(Fields& fields, const Inventory& machine) {
  fields.add("Machine", machine.host);
  fields.add("Processor", machine.cpu_model);
  fields.add("Cores", std::to_string(machine.cores));
  fields.add("Memory", human_bytes(machine.memory_bytes));
  fields.add("Instructions", join(machine.instruction_sets, " "));
  fields.add("GPUs", describe_gpus(machine));
}

void show_slurm(Fields& fields, const SlurmSettings& slurm) {
  fields.add("Cluster", slurm.cluster);
  fields.add("Partition", slurm.partition);
  if (!slurm.account.empty()) fields.add("Account", slurm.account);
  if (!slurm.qos.empty()) fields.add("QOS", slurm.qos);
  if (!slurm.arguments.empty()) fields.add("For sbatch", join(slurm.arguments, " "));
}

void show(Context& context, const ComputeTarget& target) {
  json document = target;
  document["nodes_in_use"] = target.slurm ? json(nullptr) : json(slots_in_use(context.workspace(), target));
  context.print(document, [&](std::ostream& out) {
    Fields fields;
    fields.add("Compute", target.name);
    fields.add("Kind", target.kind);
    const std::string nodes = std::to_string(target.max_nodes);
    fields.add("Nodes", target.slurm ? nodes
                                     : std::to_string(document["nodes_in_use"].get<int>()) + " of " + nodes +
                                           " in use");
    fields.add("GPUs of a run", gpus_of(target));
    const char* const all = target.slurm ? "as Slurm gives" : "all cores";
    fields.add("Threads of a run", target.threads == 0 ? all : std::to_string(target.threads));
    if (target.slurm) show_slurm(fields, *target.slurm);
    if (target.kind == "local") show_machine(fields, target.inventory);
    for (const Host& host : target.hosts) fields.add("Host", describe_host(host));
    if (!target.ssh_config.empty()) fields.add("ssh", "-F " + target.ssh_config);
    fields.add("Created", to_iso8601(target.created_at));
    fields.print(out);
  });
}

struct CreateOptions {
  std::string name, kind, hostfile, ssh_config, timeout;
  SlurmSettings slurm;
  std::optional<int> max_nodes, threads;
  std::vector<int> gpus;
  bool wait = false;
};

bool is_present(const Workspace& workspace, const std::string& name) {
  const auto names = workspace.computes();
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<Host> hosts_in(const std::string& file) {
  std::vector<Host> hosts;
  for (HostLine& line : read_hostfile(file)) {
    Host host;
    host.name = std::move(line.name);
    host.slots = line.slots;
    hosts.push_back(std::move(host));
  }
  return hosts;
}

/// A setting that was not given is the existing target's, so that creating by name alone finds it.
ComputeTarget wanted_target(const Workspace& workspace, const CreateOptions& chosen) {
  ComputeTarget wanted;
  if (is_present(workspace, chosen.name)) wanted = read_compute(workspace, chosen.name);
  wanted.name = chosen.name;
  if (!chosen.kind.empty()) wanted.kind = chosen.kind;
  if (wanted.kind == "slurm") wanted.max_nodes = 1;  // the partition's
  wanted.max_nodes = chosen.max_nodes.value_or(wanted.max_nodes);
  wanted.threads = chosen.threads.value_or(wanted.threads);
  if (!chosen.gpus.empty()) wanted.gpus = chosen.gpus;
  if (!chosen.hostfile.empty()) wanted.hosts = hosts_in(chosen.hostfile);
  if (!chosen.ssh_config.empty()) wanted.ssh_config = std::filesystem::absolute(chosen.ssh_config).string();
  const SlurmSettings& slurm = chosen.slurm;
  if (slurm.partition.empty() && slurm.account.empty() && slurm.qos.empty() && slurm.arguments.empty())
    return wanted;
  if (!wanted.slurm) wanted.slurm.emplace();
  if (!slurm.partition.empty()) wanted.slurm->partition = slurm.partition;
  if (!slurm.account.empty()) wanted.slurm->account = slurm.account;
  if (!slurm.qos.empty()) wanted.slurm->qos = slurm.qos;
  if (!slurm.arguments.empty()) wanted.slurm->arguments = slurm.arguments;
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
  command
      ->add_option(
          "--kind", options.kind,
          "local, this machine; mpi, hosts reached by ssh; slurm, a cluster's partition; default: local")
      ->type_name("KIND");
  const auto of_slurm = [&](const char* name, std::string& value, const char* description) {
    command->add_option(name, value, description)->type_name("NAME");
  };
  of_slurm("--partition", options.slurm.partition, "Of kind slurm: where its runs are submitted");
  of_slurm("--account", options.slurm.account, "Of kind slurm: the account that is charged for them");
  of_slurm("--qos", options.slurm.qos, "Of kind slurm: their quality of service");
  command
      ->add_option("--sbatch-arg", options.slurm.arguments,
                   "Of kind slurm: one more option of sbatch, as --sbatch-arg=--gres=gpu:4; may be repeated")
      ->type_name("ARG")
      ->allow_extra_args(false);
  command->add_option("--hostfile", options.hostfile, "Of kind mpi: its hosts, one a line, as: node1 slots=4")
      ->type_name("FILE");
  command->add_option("--ssh-config", options.ssh_config, "Of kind mpi: the configuration for ssh -F")
      ->type_name("FILE");
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
        table.row(row_of(context, target));
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
