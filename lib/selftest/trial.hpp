// One training of the self-test: a process that may be killed, and what it leaves.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "selftest/aim.hpp"
#include "support/process.hpp"

namespace amltrain {

/// Where a training was when it was killed.
struct Phase {
  std::string name;            // "start", "train epoch N", "val epoch N"
  bool in_checkpoint = false;  // a file of a checkpoint was being written, or its document was still to come
};

class Trial {
 public:
  /// `program` is an amltrain binary; the training reads `data` and has all that is its own below `folder`.
  Trial(std::filesystem::path program, const std::filesystem::path& data, std::filesystem::path folder,
        const std::vector<std::string>& configuration);

  /// Trains to the end, going on from what an earlier call left. Throws Error{run_failed} when it fails.
  std::chrono::nanoseconds finish() const;
  /// The same, but kill -9 where it is aimed. False when it had ended well before.
  bool kill_at(const Aim& aim) const;
  /// Where the last one was killed.
  Phase phase() const;
  /// SHA-256 over the weights, the labels, and metrics and report without their times and rates.
  std::string result_hash() const;

 private:
  ExitStatus run(const Aim* aim) const;
  std::filesystem::path log() const { return folder_ / "log"; }
  std::filesystem::path checkpoints() const { return folder_ / "checkpoints"; }

  std::filesystem::path program_, folder_;
  std::vector<std::string> words_;
};

}  // namespace amltrain
