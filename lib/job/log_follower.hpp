// A log that grows, line by line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace amltrain {

class LogFollower {
 public:
  explicit LogFollower(std::filesystem::path log) : log_(std::move(log)) {}

  /// Calls `visit` for each line that was ended since the last call; no log yet has none. Memory is bounded:
  /// a line is given in pieces of 64 KiB when it is longer.
  void drain(const std::function<void(const std::string& line)>& visit);
  /// As drain(), and then for the last line when nothing ended it.
  void finish(const std::function<void(const std::string& line)>& visit);

 private:
  std::filesystem::path log_;
  std::uint64_t offset_ = 0;
  std::string begun_;  // the line that is not ended yet
};

}  // namespace amltrain
