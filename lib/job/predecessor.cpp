#include "job/predecessor.hpp"

#include "support/error.hpp"

namespace amltrain {

Predecessor parse_predecessor(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string kind = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (colon == 0 || text.empty() || (colon != std::string::npos && kind != "any"))
    throw Error(category::bad_input, "'" + text + "' names no run to wait for",
                "write RUN, or RUN:any for a run that may fail");
  return {text.substr(0, colon), kind == "any"};
}

std::string to_text(const Predecessor& predecessor) {
  return predecessor.run + (predecessor.any_end ? ":any" : "");
}

}  // namespace amltrain
