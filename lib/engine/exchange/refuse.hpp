// How every reader here refuses a file.
#pragma once

#include <string>
#include <string_view>

namespace amltrain::engine {

/// Throws Error{bad_input} "ORIGIN: problem". Names taken from the file may be long or hold terminal escapes,
/// so `problem` is shortened and shown in plain ASCII.
[[noreturn]] void refuse(const std::string& origin, std::string_view problem, std::string_view hint = "");

}  // namespace amltrain::engine
