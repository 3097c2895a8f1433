// printf into a string, for lines that people read.
#pragma once

#include <cstdio>
#include <string>

namespace amltrain::engine {

/// At most 511 characters.
template <typename... Values>
std::string words(const char* pattern, Values... values) {
  char text[512];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

}  // namespace amltrain::engine
