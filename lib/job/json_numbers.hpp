// The numbers of a JSON text as they were written, which the parsed tree no longer tells.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace amltrain {

/// By JSON pointer, of those with a fraction, an exponent or more digits than 64 bits hold: 1e3, 0.10. `text`
/// is JSON. Throws Error{bad_input} naming `origin` for a name that a map has twice.
std::map<std::string, std::string> written_numbers(std::string_view text, const std::string& origin);

}  // namespace amltrain
