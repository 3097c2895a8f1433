// Slots: leases/COMPUTE/slot-N.lock, each held by the supervisor of the run that uses it.
#include <span>

#include "compute/target.hpp"
#include "support/files.hpp"

namespace amltrain {
namespace {

constexpr std::uint64_t kLongestLine = 4096;

std::filesystem::path slot_file(const Workspace& workspace, const ComputeTarget& target, int slot) {
  return workspace.lease_folder(target.name) / ("slot-" + std::to_string(slot) + ".lock");
}

}  // namespace

std::optional<Lease> Lease::try_take(const Workspace& workspace, const ComputeTarget& target,
                                     const std::string& run) {
  create_folders(workspace.lease_folder(target.name));
  for (int slot = 0; slot < target.max_nodes; ++slot) {
    const std::filesystem::path file = slot_file(workspace, target, slot);
    // Asked first: opening it to write is an event for those who wait, which would wake one another for ever.
    if (FileLock::is_held(file)) continue;
    auto lock = FileLock::try_acquire(file);
    if (!lock) continue;
    // Whoever deletes a target holds its slots meanwhile: a slot got afterwards is a slot of nothing.
    if (!std::filesystem::exists(workspace.compute_file(target.name))) return std::nullopt;
    // Over what the last holder wrote, of which a rest may stay behind the line's end.
    const std::string line = run + "\n";
    write_all(lock->fd(), std::as_bytes(std::span(line)), file);
    return Lease(slot, std::move(*lock));
  }
  return std::nullopt;
}

std::vector<std::string> slot_holders(const Workspace& workspace, const ComputeTarget& target) {
  std::vector<std::string> runs;
  for (int slot = 0; slot < target.max_nodes; ++slot) {
    const std::filesystem::path file = slot_file(workspace, target, slot);
    if (!FileLock::is_held(file)) continue;
    const std::string text = read_file(file, kLongestLine);
    const std::size_t end = text.find('\n');
    if (end != std::string::npos && end > 0) runs.push_back(text.substr(0, end));
  }
  return runs;
}

int slots_in_use(const Workspace& workspace, const ComputeTarget& target) {
  int count = 0;
  for (int slot = 0; slot < target.max_nodes; ++slot)
    count += FileLock::is_held(slot_file(workspace, target, slot)) ? 1 : 0;
  return count;
}

}  // namespace amltrain
