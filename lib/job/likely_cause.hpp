// What probably made a program fail, by words that are known from logs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "support/process.hpp"

namespace amltrain {

struct LikelyCause {
  std::string name;  // of the table in docs/contract.md: "out_of_memory", "disk_full", ...
  std::string hint;  // what to try
};

/// By the last words in `text` that tell of a cause; absent when none do.
std::optional<LikelyCause> cause_in(std::string_view text);

/// By how a process ended, of which a shell tells too: 127, 126, 128 + signal. "exit_code" when that tells
/// nothing.
LikelyCause cause_of(const ExitStatus& status);

}  // namespace amltrain
