#include "engine/exchange/refuse.hpp"

#include <algorithm>

#include "support/error.hpp"

namespace amltrain::engine {

void refuse(const std::string& origin, std::string_view problem, std::string_view hint) {
  constexpr std::size_t longest = 300;
  std::string shown(problem.substr(0, longest));
  std::ranges::replace_if(
      shown, [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  if (problem.size() > longest) shown += "...";
  throw Error(category::bad_input, origin + ": " + shown, std::string(hint));
}

}  // namespace amltrain::engine
