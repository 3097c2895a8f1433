#include "support/nesting.hpp"

namespace amltrain {

bool is_nested_too_deeply(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\')
      ++i;
    else if (c == '\n')
      quoted = false;  // no string goes on over the end of a line
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && (c == '{' || c == '['))
      ++depth;
    else if (!quoted && (c == '}' || c == ']'))
      --depth;
    if (depth > kDeepestNesting) return true;
  }
  return false;
}

}  // namespace amltrain
