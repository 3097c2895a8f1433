// Which of its hosts a run's ranks are started on again. Pure.
#pragma once

#include <cstddef>
#include <vector>

namespace amltrain {

/// The numbers, ascending, of the first `wanted` hosts that can be reached; of all that can where they are
/// fewer, but at least `least`. Empty: they are fewer than that.
std::vector<std::size_t> choose_hosts(const std::vector<bool>& reachable, std::size_t wanted,
                                      std::size_t least);

}  // namespace amltrain
