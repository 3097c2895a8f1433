// Follows a training from outside, by what it says and the files it begins, until it is where it is aimed at.
#pragma once

#include <filesystem>

#include "selftest/aim.hpp"
#include "support/files.hpp"

namespace amltrain {

class Watch {
 public:
  /// Made before the training starts; `log` and the folder `checkpoints` exist.
  Watch(std::filesystem::path log, const std::filesystem::path& checkpoints);

  /// Returns when the aim is reached: true; or when the process has ended before: false.
  bool reaches(const Aim& aim, pid_t pid);

 private:
  bool has_come(const Aim& aim) const;
  void take_events();

  std::filesystem::path log_;
  Fd inotify_;
  int files_begun_ = 0;  // of checkpoints
};

}  // namespace amltrain
