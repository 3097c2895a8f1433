#include "selftest/aim.hpp"

namespace amltrain {
namespace {

using std::chrono::nanoseconds;

/// About what a validation, and the writing of a checkpoint, take here.
constexpr std::chrono::milliseconds kValidation{40}, kWriting{80};

nanoseconds up_to(nanoseconds most, std::mt19937_64& random) {
  return nanoseconds(static_cast<nanoseconds::rep>(random() % static_cast<std::uint64_t>(most.count() + 1)));
}

int from(int first, int count, std::mt19937_64& random) {
  return first + static_cast<int>(random() % static_cast<std::uint64_t>(count));
}

}  // namespace

Aim draw_aim(std::mt19937_64& random, nanoseconds duration) {
  switch (random() % 8) {
    case 0:
    case 1:
      return {Aim::At::epoch, from(0, 3, random), up_to(duration / 6, random)};
    case 2:
    case 3:
      return {Aim::At::validation, from(1, 2, random), up_to(kValidation, random)};
    case 4:
    case 5:
      return {Aim::At::checkpoint, from(1, 12, random), up_to(kWriting, random)};
    default:
      return {Aim::At::moment, 0, up_to(duration, random)};
  }
}

}  // namespace amltrain
