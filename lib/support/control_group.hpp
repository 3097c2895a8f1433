// A control group of version 2 (cgroups(7)): whatever a process forks stays in it, and it can be killed as a
// whole.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace amltrain {

class ControlGroup {
 public:
  /// Makes the group `name` below that of this process. Absent where that can't be: no version 2, or a part
  /// of the tree that is not ours to write.
  static std::optional<ControlGroup> make(const std::string& name);
  /// One that was made before. Absent when it is gone, or when `folder` is no group of that name.
  static std::optional<ControlGroup> open(const std::filesystem::path& folder, const std::string& name);

  const std::filesystem::path& folder() const { return folder_; }
  /// Kills all that is in it, waits for its end and removes the group. False when something is left after
  /// `patience`: stuck in the kernel, or another user's.
  bool end(std::chrono::milliseconds patience) const;

 private:
  explicit ControlGroup(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

/// The folder of the group of version 2 that this process is in; absent when none is mounted.
std::optional<std::filesystem::path> own_control_group(const std::filesystem::path& root = "/");

}  // namespace amltrain
