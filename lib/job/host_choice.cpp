#include "job/host_choice.hpp"

namespace amltrain {

std::vector<std::size_t> choose_hosts(const std::vector<bool>& reachable, std::size_t wanted,
                                      std::size_t least) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < reachable.size() && chosen.size() < wanted; ++i)
    if (reachable[i]) chosen.push_back(i);
  if (chosen.size() < least) chosen.clear();
  return chosen;
}

}  // namespace amltrain
