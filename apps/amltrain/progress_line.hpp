// The last line of a terminal, rewritten in place.
#pragma once

#include <cstdint>
#include <string>

namespace amltrain::cli {

/// Writes to standard error. Without a terminal there, lines are plain and progress of transfers is left out.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// A line that stays.
  void line(const std::string& text);
  /// A line of a log: on a terminal, one that tells of the trainer's progress (see is_progress) is rewritten
  /// in place.
  void log_line(const std::string& text);
  /// Bytes done of a transfer, in place; `total` 0: not known.
  void transfer(std::uint64_t done, std::uint64_t total);

 private:
  void in_place(const std::string& text);
  void clear();
  bool terminal_;
  bool shown_ = false;  // an unfinished line is on the screen
};

}  // namespace amltrain::cli
