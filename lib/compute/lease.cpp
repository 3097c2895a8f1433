// Slots: leases/COMPUTE/slot-N.lock, each held by the supervisor of the run that uses it.
#include "compute/target.hpp"
#include "support/files.hpp"

namespace amltrain {
namespace {

std::filesystem::path slot_file(const Workspace& workspace, const ComputeTarget& target, int slot) {
  return workspace.lease_folder(target.name) / ("slot-" + std::to_string(slot) + ".lock");
}

}  // namespace

std::optional<Lease> Lease::try_take(const Workspace& workspace, const ComputeTarget& target) {
  create_folders(workspace.lease_folder(target.name));
  for (int slot = 0; slot < target.max_nodes; ++slot) {
    auto lock = FileLock::try_acquire(slot_file(workspace, target, slot));
    if (!lock) continue;
    // Whoever deletes a target holds its slots meanwhile: a slot got afterwards is a slot of nothing.
    if (!std::filesystem::exists(workspace.compute_file(target.name))) return std::nullopt;
    return Lease(slot, std::move(*lock));
  }
  return std::nullopt;
}

int slots_in_use(const Workspace& workspace, const ComputeTarget& target) {
  int count = 0;
  for (int slot = 0; slot < target.max_nodes; ++slot)
    count += FileLock::is_held(slot_file(workspace, target, slot)) ? 1 : 0;
  return count;
}

}  // namespace amltrain
