#include "compute/lease.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <string_view>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr std::uint64_t kLongestText = 64 * 1024;

std::filesystem::path slot_file(const Workspace& workspace, const ComputeTarget& target, int slot) {
  return workspace.lease_folder(target.name) / ("slot-" + std::to_string(slot) + ".lock");
}

/// What a slot says: three lines, the lists with a comma after each word. A rest of what an earlier holder
/// wrote may follow.
struct Text {
  std::string run;
  std::vector<int> gpus;
  std::vector<std::string> previous;
};

void write(const Text& text, const FileLock& lock, const std::filesystem::path& file) {
  std::string lines = text.run + "\n";
  for (const int gpu : text.gpus) lines += std::to_string(gpu) + ",";
  lines += "\n";
  for (const std::string& run : text.previous) lines += run + ",";
  lines += "\n";
  if (lseek(lock.fd(), 0, SEEK_SET) != 0) throw_errno("cannot write " + file.string());
  write_all(lock.fd(), std::as_bytes(std::span(lines)), file);
}

std::string take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string line(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// Those of the words that a comma ends: the last may be cut.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::size_t begin = 0;
  for (std::size_t end = line.find(','); end != std::string::npos; end = line.find(',', begin)) {
    words.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

/// Without a run when it says none: its holder has not come to writing yet, or was killed while it wrote.
Text read_text(const std::filesystem::path& file) try {
  const std::string content = read_file(file, kLongestText);
  std::string_view rest = content;
  Text text{take_line(rest), {}, {}};
  require_name("run", text.run);
  for (const std::string& word : words_of(take_line(rest))) {
    int gpu = 0;
    const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), gpu);
    if (problem == std::errc{} && end == word.data() + word.size()) text.gpus.push_back(gpu);
  }
  for (std::string& run : words_of(take_line(rest))) {
    require_name("run", run);
    text.previous.push_back(std::move(run));
  }
  return text;
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
  lease.run_ = run;
  lease.gpus_ = gpus;
  for (const int slot : slots) {
    const std::filesystem::path file = slot_file(workspace, target, slot);
    auto lock = FileLock::try_acquire(file);
    if (!lock) {
      lease.give_back();
      return std::nullopt;
    }
    Text before = read_text(file);
    if (!before.run.empty()) before.previous.push_back(before.run);
    write({run, gpus, before.previous}, *lock, file);
    for (const std::string& other : before.previous) {
      const bool known =
          std::find(lease.previous_.begin(), lease.previous_.end(), other) != lease.previous_.end();
      if (!known) lease.previous_.push_back(other);
    }
    lease.previous_of_each_.push_back(std::move(before.previous));
    lease.slots_.push_back(slot);
    lease.files_.push_back(file);
    lease.locks_.push_back(std::move(*lock));
  }
  // Whoever deletes a target holds its slots meanwhile: a slot got afterwards is a slot of nothing.
  if (!std::filesystem::exists(workspace.compute_file(target.name))) return std::nullopt;
  return lease;
}

void Lease::forget_previous() {
  for (std::size_t i = 0; i < locks_.size(); ++i) write({run_, gpus_, {}}, locks_[i], files_[i]);
  previous_.clear();
  for (auto& previous : previous_of_each_) previous.clear();
}

std::vector<int> Lease::slots_after(const std::string& run) const {
  std::vector<int> slots;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const auto& previous = previous_of_each_[i];
    if (std::find(previous.begin(), previous.end(), run) != previous.end()) slots.push_back(slots_[i]);
  }
  return slots;
}

void Lease::give_back() {
  for (std::size_t i = 0; i < locks_.size(); ++i) {
    Text before{"", {}, previous_of_each_[i]};
    if (!before.previous.empty()) {
      before.run = std::move(before.previous.back());
      before.previous.pop_back();
    }
    write(before, locks_[i], files_[i]);
  }
  *this = Lease();
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
    Text text = read_text(file);
    SlotHolder holder{std::move(text.run), std::move(text.gpus)};
    const bool known = std::any_of(holders.begin(), holders.end(),
                                   [&](const SlotHolder& other) { return other.run == holder.run; });
    if (!holder.run.empty() && !known) holders.push_back(std::move(holder));
  }
  return holders;
}

}  // namespace amltrain
