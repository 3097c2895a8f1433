// Whether the command of a rank has fallen silent for so long that the other ranks must have too: one that is
// stuck alone is named by those who wait for it. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace amltrain {

class LifeWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// To be asked each second: what the command has shown by now, and how long it may be silent by what it
  /// said (LifeSign). For how long it has been, once that is twice as long and five seconds more. Of a gap
  /// between two looks at most 1.5 seconds count: who watches was not served either, or was suspended.
  std::optional<std::chrono::seconds> look(std::uint64_t shown, std::chrono::milliseconds patience,
                                           Clock::time_point now);

 private:
  std::uint64_t shown_ = 0;
  std::optional<Clock::time_point> last_;
  std::chrono::milliseconds silent_{0};
};

}  // namespace amltrain
