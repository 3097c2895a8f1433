#include "support/nesting.hpp"

namespace amltrain {

bool is_nested_too_deeply(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n')
      quoted = false;  // no string goes on over the end of a line
    else if (quoted && c == '\\' && i + 1 < text.size() && text[i + 1] != '\n')
      ++i;
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && (c == '{' || c == '['))
      ++depth;
    else if (!quoted && depth > 0 && (c == '}' || c == ']'))
      --depth;  // what a line closes too often must not hide what the next opens
    if (depth > kDeepestNesting) return true;
  }
  return false;
}

}  // namespace amltrain
