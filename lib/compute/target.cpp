#include "compute/target.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "compute/host_check.hpp"
#include "compute/lease.hpp"
#include "compute/queue.hpp"
#include "slurm/client.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/lock.hpp"
#include "support/sealed.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr std::string_view kSchema = "amltrain.compute/1";
constexpr int kMostNodes = 4096, kMostThreads = 4096;
constexpr std::chrono::seconds kLockPatience{10};

void require_range(const char* setting, int value, int least, int most) {
  if (value < least || value > most)
    throw Error(category::bad_input, std::string(setting) + " is " + std::to_string(value) + "; it must be " +
                                         std::to_string(least) + " to " + std::to_string(most));
}

void require_gpus(const std::vector<int>& wanted, const Inventory& inventory) {
  for (const int index : wanted) {
    const bool there = std::any_of(inventory.gpus.begin(), inventory.gpus.end(),
                                   [index](const Gpu& gpu) { return gpu.index == index; });
    if (there) continue;
    const std::size_t count = inventory.gpus.size();
    throw Error(category::bad_input, "this machine has no GPU " + std::to_string(index),
                count == 0 ? "NVIDIA's driver lists none here; leave the GPUs out to train on the CPU"
                           : "it has " + std::to_string(count) + ", counted from 0");
  }
}

void refuse(const std::string& setting, const std::string& kind) {
  std::string hint = "make one with: --kind mpi";
  if (kind == "mpi") hint = "say what runs may have in the hostfile";
  if (kind == "slurm") hint = "say what runs may have with --sbatch-arg, as --sbatch-arg=--gres=gpu:1";
  throw Error(category::bad_input, setting + " is not for compute targets of kind " + kind, hint);
}

/// mpirun takes the options of its ssh as one text, apart at each blank.
void require_ssh_config(const std::string& file) {
  if (file.empty()) return;
  std::error_code absent;
  if (!std::filesystem::is_regular_file(file, absent))
    throw Error(category::bad_input, "there is no file " + file + " for ssh");
  if (file.find_first_of(" \t\n\"'\\") != std::string::npos)
    throw Error(category::bad_input, "the path of ssh's file has a blank or a quote: " + file,
                "mpirun can't pass it on; give it another name");
}

void require_settings(const ComputeTarget& target) {
  require_name("compute target", target.name);
  if (target.kind != "local" && target.kind != "mpi" && target.kind != "slurm")
    throw Error(category::bad_input, "compute kind '" + target.kind + "' is not known",
                "this version has: local, mpi, slurm");
  if (target.kind == "slurm") {
    require_settings(target.slurm.value_or(SlurmSettings{}));
    if (!target.gpus.empty()) refuse("a choice of GPUs", target.kind);
    if (target.max_nodes != 1) refuse("a number of slots", target.kind);
  } else if (target.slurm) {
    throw Error(category::bad_input, "a partition is not for compute targets of kind " + target.kind,
                "make one with: --kind slurm");
  }
  if (target.kind == "mpi") {
    if (target.hosts.empty())
      throw Error(category::bad_input, "a compute target of kind mpi has no host",
                  "list them with --hostfile");
    if (!target.gpus.empty()) refuse("a choice of GPUs", target.kind);
    require_ssh_config(target.ssh_config);
  } else if (!target.hosts.empty() || !target.ssh_config.empty()) {
    refuse("a list of hosts", target.kind);
  }
  require_range("max_nodes", target.max_nodes, 1, kMostNodes);
  require_range("threads", target.threads, 0, kMostThreads);
  require_gpus(target.gpus, target.inventory);
}

std::string in_words(const std::vector<int>& gpus) {
  std::vector<std::string> words;
  for (const int gpu : gpus) words.push_back(std::to_string(gpu));
  return words.empty() ? "all" : join(words, ",");
}

/// Slots that the hostfile doesn't say are those that were found.
std::vector<Host> with_known_slots(std::vector<Host> hosts, const std::vector<Host>& known) {
  for (std::size_t i = 0; i < hosts.size() && i < known.size(); ++i)
    if (hosts[i].slots == 0 && hosts[i].name == known[i].name) hosts[i].slots = known[i].slots;
  return hosts;
}

void require_same(const ComputeTarget& there, const ComputeTarget& wanted) {
  const auto compare = [&](const char* setting, const std::string& old_value, const std::string& new_value) {
    if (old_value != new_value)
      throw Error(category::conflict,
                  "compute target '" + there.name + "' exists with " + setting + " " + old_value + ", not " +
                      new_value,
                  "use another name, or delete it first: amltrain compute delete " + there.name);
  };
  compare("kind", there.kind, wanted.kind);
  const auto of_slurm = [](const ComputeTarget& target) {
    return target.slurm ? describe(*target.slurm) : "-";
  };
  compare("settings of Slurm", of_slurm(there), of_slurm(wanted));
  compare("hosts", describe(there.hosts), describe(with_known_slots(wanted.hosts, there.hosts)));
  compare("ssh_config", there.ssh_config, wanted.ssh_config);
  if (wanted.kind != "slurm")  // else it is the partition's, which may have grown
    compare("max_nodes", std::to_string(there.max_nodes), std::to_string(wanted.max_nodes));
  compare("gpus", in_words(there.gpus), in_words(wanted.gpus));
  compare("threads", std::to_string(there.threads), std::to_string(wanted.threads));
}

std::optional<ComputeTarget> find_same(const Workspace& workspace, const ComputeTarget& wanted) {
  if (!std::filesystem::exists(workspace.compute_file(wanted.name))) return std::nullopt;
  ComputeTarget there = read_compute(workspace, wanted.name);
  require_same(there, wanted);
  return there;
}

void remove_document(const Workspace& workspace, const std::string& name) {
  std::filesystem::remove(workspace.compute_file(name));
  sync_folder(workspace.compute_file(name).parent_path());
}

std::vector<Host> checked_hosts(const Workspace& workspace, const ComputeTarget& target) {
  std::vector<HostLine> lines;
  for (const Host& host : target.hosts) lines.push_back({host.name, host.slots});
  return check_hosts(workspace, lines, target.ssh_config);
}

}  // namespace

void to_json(json& out, const ComputeTarget& target) {
  out = {{"schema", kSchema},
         {"name", target.name},
         {"kind", target.kind},
         {"max_nodes", target.max_nodes},
         {"gpus", target.gpus},
         {"threads", target.threads},
         {"inventory", target.inventory},
         {"created_at", to_iso8601(target.created_at)}};
  if (target.slurm) out["slurm"] = *target.slurm;
  if (target.kind != "mpi") return;
  out["hosts"] = target.hosts;
  out["ssh_config"] = target.ssh_config.empty() ? json(nullptr) : json(target.ssh_config);
}

ComputeTarget parse_compute_target(const json& in) {
  require_schema(in, kSchema, "compute target");
  ComputeTarget target{field<std::string>(in, "name"),
                       field<std::string>(in, "kind"),
                       field<int>(in, "max_nodes"),
                       field<std::vector<int>>(in, "gpus"),
                       field<int>(in, "threads"),
                       parse_inventory(field<json>(in, "inventory")),
                       parse_iso8601(field<std::string>(in, "created_at"))};
  for (const json& host : field_or<json>(in, "hosts", json::array()))
    target.hosts.push_back(parse_host(host));
  target.ssh_config = field_or<std::string>(in, "ssh_config", "");
  if (in.contains("slurm")) target.slurm = parse_slurm_settings(in["slurm"]);
  return target;
}

ComputeCreated ensure_compute(const Workspace& workspace, const ComputeTarget& wanted) {
  ComputeTarget target = wanted;
  std::sort(target.gpus.begin(), target.gpus.end());
  target.gpus.erase(std::unique(target.gpus.begin(), target.gpus.end()), target.gpus.end());
  if (!target.hosts.empty()) target.max_nodes = static_cast<int>(target.hosts.size());
  target.inventory = target.kind == "local" ? take_inventory() : take_inventory_without_gpus();
  require_settings(target);
  if (auto there = find_same(workspace, target)) return {std::move(*there), false};
  if (target.kind == "mpi") target.hosts = checked_hosts(workspace, target);  // takes seconds: under no lock
  if (target.slurm) {
    target.max_nodes = require_partition(target.slurm->partition);
    target.slurm->cluster = ask_cluster();
    if (target.slurm->cluster.empty())
      throw Error(category::environment, "Slurm does not say the name of its cluster", "try again");
  }

  const FileLock lock = FileLock::acquire(workspace.lock_file("computes"), kLockPatience);
  if (auto there = find_same(workspace, target)) return {std::move(*there), false};
  target.created_at = now();
  create_folders(workspace.lease_folder(target.name));
  publish_file(workspace.compute_file(target.name), sealed_text(target), AtomicFile::existing::refuse);
  return {std::move(target), true};
}

ComputeTarget read_compute(const Workspace& workspace, const std::string& name) {
  require_name("compute target", name);
  const std::filesystem::path file = workspace.compute_file(name);
  try {
    return parse_compute_target(read_sealed(file));
  } catch (const Error& problem) {
    if (problem.kind() != category::not_found) throw;
    throw_unknown("compute target", name, workspace.computes(), workspace,
                  "create it with: amltrain compute create " + name);
  }
}

std::vector<ComputeTarget> list_computes(const Workspace& workspace) {
  std::vector<ComputeTarget> targets;
  for (const std::string& name : workspace.computes()) targets.push_back(read_compute(workspace, name));
  return targets;
}

void delete_compute(const Workspace& workspace, const std::string& name) {
  const FileLock lock = FileLock::acquire(workspace.lock_file("computes"), kLockPatience);
  const ComputeTarget target = read_compute(workspace, name);
  if (target.kind == "slurm") {  // its runs have all that they need of it
    remove_document(workspace, name);
    std::error_code ignored;
    std::filesystem::remove(workspace.lease_folder(name), ignored);
    return;
  }
  // Every slot is held while the document goes, so that no run starts on a target that is being deleted.
  std::vector<int> all(static_cast<std::size_t>(target.max_nodes));
  std::iota(all.begin(), all.end(), 0);
  const auto held = Lease::try_take(workspace, target, all);
  if (!held)
    throw Error(category::conflict, "compute target '" + name + "' is in use by a run",
                "see which with: amltrain runs list --compute " + name);
  remove_document(workspace, name);
  // The number of a run that waits stays held: another of that number, in a target made anew, would be in its
  // way.
  clear_queue(workspace, name);
  std::error_code ignored;  // what is left does no harm
  const std::filesystem::path folder = workspace.lease_folder(name);
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().filename().string().starts_with("slot-")) std::filesystem::remove(entry.path(), ignored);
  std::filesystem::remove(folder, ignored);  // unless somebody waits in it
}

}  // namespace amltrain
