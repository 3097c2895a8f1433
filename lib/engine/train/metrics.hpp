// The metric lines of the machine contract: {"time", "name", "value", "step", "epoch", "rank"}.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <utility>

namespace amltrain::engine {

class MetricLog {
 public:
  /// An empty path: nothing is written.
  explicit MetricLog(std::filesystem::path file) : file_(std::move(file)) {}

  /// Appends one line a metric (of names that need no quoting in JSON), all in one write, with the same time.
  /// `step` counts optimiser steps done, `epoch` is 0-based. Throws Error when the file can't be written: a
  /// run whose history is lost must not look well.
  void write(std::int64_t step, int epoch,
             std::initializer_list<std::pair<const char*, double>> metrics) const;

 private:
  std::filesystem::path file_;
};

}  // namespace amltrain::engine
