#include "compute/lease.hpp"

#include <algorithm>
#include <span>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr std::uint64_t kLongestLine = 4096;

std::filesystem::path slot_file(const Workspace& workspace, const ComputeTarget& target, int slot) {
  return workspace.lease_folder(target.name) / ("slot-" + std::to_string(slot) + ".lock");
}

/// Empty when it says none: its holder has not come to writing yet, or was killed while it wrote.
std::string holder_in(const std::filesystem::path& file) try {
  const std::string text = read_file(file, kLongestLine);
  std::string run = text.substr(0, text.find('\n'));
  require_name("run", run);
  return run;
} catch (const Error&) {
  return "";
}

}  // namespace

std::optional<Lease> Lease::try_take(const Workspace& workspace, const ComputeTarget& target,
                                     const std::vector<int>& slots, const std::string& run) {
  create_folders(workspace.lease_folder(target.name));
  // Asked first: opening a file to write is an event for those who wait, and they would wake one another.
  for (const int slot : slots)
    if (FileLock::is_held(slot_file(workspace, target, slot))) return std::nullopt;
  Lease lease;
  for (const int slot : slots) {
    const std::filesystem::path file = slot_file(workspace, target, slot);
    auto lock = FileLock::try_acquire(file);
    if (!lock) return std::nullopt;
    if (std::string before = holder_in(file); !before.empty()) lease.previous_.push_back(std::move(before));
    // Over what the last holder wrote, of which a rest may stay behind the line's end.
    const std::string line = run + "\n";
    write_all(lock->fd(), std::as_bytes(std::span(line)), file);
    lease.slots_.push_back(slot);
    lease.locks_.push_back(std::move(*lock));
  }
  // Whoever deletes a target holds its slots meanwhile: a slot got afterwards is a slot of nothing.
  if (!std::filesystem::exists(workspace.compute_file(target.name))) return std::nullopt;
  return lease;
}

std::vector<int> Lease::fds() const {
  std::vector<int> fds;
  for (const FileLock& lock : locks_) fds.push_back(lock.fd());
  return fds;
}

std::vector<int> free_slots(const Workspace& workspace, const ComputeTarget& target) {
  std::vector<int> slots;
  for (int slot = 0; slot < target.max_nodes; ++slot)
    if (!FileLock::is_held(slot_file(workspace, target, slot))) slots.push_back(slot);
  return slots;
}

int slots_in_use(const Workspace& workspace, const ComputeTarget& target) {
  return target.max_nodes - static_cast<int>(free_slots(workspace, target).size());
}

std::vector<std::string> slot_holders(const Workspace& workspace, const ComputeTarget& target) {
  std::vector<std::string> runs;
  for (int slot = 0; slot < target.max_nodes; ++slot) {
    const std::filesystem::path file = slot_file(workspace, target, slot);
    if (!FileLock::is_held(file)) continue;
    std::string run = holder_in(file);
    if (!run.empty() && std::find(runs.begin(), runs.end(), run) == runs.end())
      runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace amltrain
