#pragma once

#include <functional>
#include <memory>

#include "engine/api.hpp"
#include "engine/parallel/ranks.hpp"

namespace amltrain::engine {

/// Meets the other ranks of `place`, on this machine and on others; returns when all are there. `stop` is
/// asked while this rank waits, here and later: true ends the waiting with Error{canceled}. Throws
/// Error{bad_input} for a place that is none, Error{environment} naming the ranks that did not come, now or
/// later.
std::unique_ptr<Ranks> join_ranks(const RankPlace& place, const std::function<bool()>& stop);

}  // namespace amltrain::engine
