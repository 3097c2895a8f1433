// A run that another one waits for.
#pragma once

#include <string>

namespace amltrain {

struct Predecessor {
  std::string run;
  bool any_end = false;  // its end counts however it ended; else only Completed does

  bool operator==(const Predecessor&) const = default;
};

/// "RUN" or "RUN:any", RUN being an id or the beginning of one. Throws Error{bad_input} for anything else.
Predecessor parse_predecessor(const std::string& text);
std::string to_text(const Predecessor& predecessor);

}  // namespace amltrain
