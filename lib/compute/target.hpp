// Compute targets: where runs run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compute/host.hpp"
#include "compute/inventory.hpp"
#include "slurm/settings.hpp"
#include "support/clock.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// schema amltrain.compute/1
struct ComputeTarget {
  std::string name;
  std::string kind = "local";  // this machine; mpi: hosts; slurm: a cluster's partition
  int max_nodes = 1;           // slots: runs at a time; of kind mpi, slot i is host i; of kind slurm nodes
  std::vector<int> gpus;       // indices that runs may use; empty: all
  int threads = 0;             // a run's intra-op threads; 0: all cores
  Inventory inventory;         // of the machine that made it; without GPUs of a kind whose runs are elsewhere
  Time created_at;
  std::vector<Host> hosts{};             // of kind mpi
  std::string ssh_config{};              // of kind mpi: the file for ssh -F; empty: none
  std::optional<SlurmSettings> slurm{};  // of kind slurm
};
void to_json(json& out, const ComputeTarget& target);
ComputeTarget parse_compute_target(const json& in);

struct ComputeCreated {
  ComputeTarget target;
  bool created;  // false: it was there, with the same settings
};
/// Get-or-create. Of the hosts, name and slots are wanted; they are checked before a target is made
/// (host_check.hpp). Of Slurm all but the cluster's name is wanted, and the partition must be up. Throws
/// Error{conflict} naming the setting when it exists with another one; Error{bad_input} for an unknown kind,
/// a GPU that is not there, or counts out of range; Error{environment} for hosts or a partition that can't be
/// used.
ComputeCreated ensure_compute(const Workspace& workspace, const ComputeTarget& wanted);
ComputeTarget read_compute(const Workspace& workspace, const std::string& name);
std::vector<ComputeTarget> list_computes(const Workspace& workspace);
/// Throws Error{conflict} while a run holds a slot.
void delete_compute(const Workspace& workspace, const std::string& name);

}  // namespace amltrain
