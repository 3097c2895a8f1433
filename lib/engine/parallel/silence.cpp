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

milliseconds patience(std::uint64_t beats, milliseconds longest, milliseconds least) {
  return std::max(least, beats <= kFirstBeats ? kLongPatience : 4 * longest);
}

milliseconds patience(const Sign& sign, milliseconds least) {
  return sign.long_work != 0 ? std::max(least, kLongPatience)
                             : patience(sign.beats, milliseconds(sign.longest_ms), least);
}

}  // namespace amltrain::engine
