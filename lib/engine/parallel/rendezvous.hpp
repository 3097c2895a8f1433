// How the hosts of a run find each other: all call at the first one, whose place all know, learn from it
// where the others are, and call at those that come before them. No port stays open afterwards.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/parallel/socket.hpp"

namespace amltrain::engine {

/// The connections to another host; both empty for the own one.
struct Link {
  Fd data;   // for what is exchanged
  Fd signs;  // for signs of life
};

/// The hosts of a run, as one of them sees them.
struct Meeting {
  std::string secret;
  int own = 0;                     // number of this host
  std::vector<std::string> names;  // of the processes to be met: "rank 2 on host b"
  Endpoint first;                  // of host 0
  /// So long it is called at a place that can't be reached, or where something else answers: other than where
  /// nobody listens yet, waiting does not help there.
  std::chrono::seconds to_reach{60};
};

/// The links to all, by number of the host, when all have come. `stop` is asked meanwhile. Throws
/// Error{environment} naming those who did not come within `longest`, or when the place is taken.
std::vector<Link> meet_hosts(const Meeting& meeting, std::chrono::seconds longest,
                             const std::function<void()>& between);

}  // namespace amltrain::engine
