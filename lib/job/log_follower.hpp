// A log that grows, line by line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace amltrain {

class LogFollower {
 public:
  /// `number` counts the log's lines from 1.
  using Visit = std::function<void(std::uint64_t number, const std::string& line)>;

  /// Lines before number `from` are passed over.
  explicit LogFollower(std::filesystem::path log, std::uint64_t from = 1)
      : log_(std::move(log)), from_(from) {}

  /// Calls `visit` for each line that was ended since the last call; no log yet has none, nor has what is no
  /// regular file. Memory is bounded: a line is given in pieces of 64 KiB, of the same number, when it is
  /// longer.
  void drain(const Visit& visit);
  /// As drain(), and then for the last line when nothing ended it.
  void finish(const Visit& visit);

 private:
  void give(const Visit& visit);
  std::filesystem::path log_;
  std::uint64_t from_, number_ = 1;
  std::uint64_t offset_ = 0;
  std::string begun_;  // the line that is not ended yet
};

}  // namespace amltrain
