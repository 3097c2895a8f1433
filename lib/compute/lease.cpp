#include "compute/lease.hpp"

#include <algorithm>
#include <charconv>
#include <span>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr std::uint64_t kLongestText = 64 * 1024;

std::filesystem::path slot_file(const Workspace& workspace, const ComputeTarget& target, int slot) {
  return workspace.lease_folder(target.name) / ("slot-" + std::to_string(slot) + ".lock");
}

/// Two lines: the run, and its GPUs, each followed by a comma. A rest of what an earlier holder wrote may
/// follow.
std::string text_of(const std::string& run, const std::vector<int>& gpus) {
  std::string text = run + "\n";
  for (const int gpu : gpus) text += std::to_string(gpu) + ",";
  return text + "\n";
}

/// Without a run when it says none: its holder has not come to writing yet, or was killed while it wrote.
SlotHolder holder_in(const std::filesystem::path& file) try {
  const std::string text = read_file(file, kLongestText);
  const std::size_t end = text.find('\n');
  SlotHolder holder{text.substr(0, end), {}};
  require_name("run", holder.run);
  if (end == std::string::npos) return holder;
  const char* next = text.data() + end + 1;
  int gpu = 0;
  for (auto read = std::from_chars(next, text.data() + text.size(), gpu);
       read.ec == std::errc{} && *read.ptr == ',';
       read = std::from_chars(read.ptr + 1, text.data() + text.size(), gpu))
    holder.gpus.push_back(gpu);
  return holder;
} catch (const Error&) {
  return {};
}

}  // namespace

std::optional<Lease> Lease::try_take(const Workspace& workspace, const ComputeTarget& target,
                                     const std::vector<int>& slots, const std::string& run,
                                     const std::vector<int>& gpus) {
  create_folders(workspace.lease_folder(target.name));
  // Asked first: opening a file to write is an event for those who wait, and they would wake one another.
  for (const int slot : slots)
    if (FileLock::is_held(slot_file(workspace, target, slot))) return std::nullopt;
  Lease lease;
  for (const int slot : slots) {
    const std::filesystem::path file = slot_file(workspace, target, slot);
    auto lock = FileLock::try_acquire(file);
    if (!lock) return std::nullopt;
    if (SlotHolder before = holder_in(file); !before.run.empty())
      lease.previous_.push_back(std::move(before.run));
    const std::string text = text_of(run, gpus);
    write_all(lock->fd(), std::as_bytes(std::span(text)), file);
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

std::vector<SlotHolder> slot_holders(const Workspace& workspace, const ComputeTarget& target) {
  std::vector<SlotHolder> holders;
  for (int slot = 0; slot < target.max_nodes; ++slot) {
    const std::filesystem::path file = slot_file(workspace, target, slot);
    if (!FileLock::is_held(file)) continue;
    SlotHolder holder = holder_in(file);
    const bool known = std::any_of(holders.begin(), holders.end(),
                                   [&](const SlotHolder& other) { return other.run == holder.run; });
    if (!holder.run.empty() && !known) holders.push_back(std::move(holder));
  }
  return holders;
}

}  // namespace amltrain
