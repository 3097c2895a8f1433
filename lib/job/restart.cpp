#include "job/restart.hpp"

#include <algorithm>

#include "support/error.hpp"

namespace amltrain {
namespace {

constexpr int kLongestPause = 60;

/// As a shell tells of it: 128 + signal.
bool died_in_shell(const ExitStatus& status) { return status.code > 128 && status.code <= 128 + 64; }

bool is_environment(const Failure& failure) { return failure.category == name_of(category::environment); }

}  // namespace

bool is_restartable(const ChildEnd& end, const Failure& failure) {
  if (end.by != EndedBy::itself) return false;
  return end.status.signal != 0 || died_in_shell(end.status) || is_environment(failure);
}

std::chrono::seconds pause_before_restart(const Failure& failure, int restarts) {
  if (!is_environment(failure)) return std::chrono::seconds(0);
  return std::chrono::seconds(std::min(1 << std::min(restarts, 10), kLongestPause));
}

}  // namespace amltrain
