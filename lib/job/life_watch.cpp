#include "job/life_watch.hpp"

#include <algorithm>

namespace amltrain {

using std::chrono::milliseconds;

std::optional<std::chrono::seconds> LifeWatch::look(std::uint64_t shown, milliseconds patience,
                                                    Clock::time_point now) {
  constexpr milliseconds kMost{1500}, kMore{5000};
  if (last_ && shown == shown_)
    silent_ += std::min(kMost, std::chrono::duration_cast<milliseconds>(now - *last_));
  else
    silent_ = milliseconds{0};
  shown_ = shown;
  last_ = now;
  if (patience.count() == 0 || silent_ < 2 * patience + kMore) return std::nullopt;
  return std::chrono::floor<std::chrono::seconds>(silent_);
}

}  // namespace amltrain
