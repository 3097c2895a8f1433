#include "engine/parallel/silence.hpp"

#include <algorithm>

namespace amltrain::engine {

using std::chrono::milliseconds;

milliseconds Silence::look(std::uint64_t beats, Clock::time_point now) {
  constexpr milliseconds kMost{200};
  if (!looked_ || beats != beats_)
    still_ = milliseconds{0};
  else
    still_ += std::min(kMost, std::chrono::duration_cast<milliseconds>(now - last_));
  looked_ = true;
  beats_ = beats;
  last_ = now;
  return still_;
}

milliseconds patience(std::uint64_t beats, milliseconds longest) {
  constexpr std::uint64_t kUnlike = 3;
  if (beats < kUnlike) return std::chrono::minutes(2);
  return 4 * longest + std::chrono::seconds(2);
}

}  // namespace amltrain::engine
