// What a short command prints.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "support/process.hpp"

namespace amltrain {

struct Captured {
  std::string text;  // of its standard output
  ExitStatus status;
};

/// Runs the command to its end; its standard error goes where `command` says. Absent when it printed more
/// than `most_bytes` or took longer than `patience`: it and its process group are killed then. Throws as
/// start_process().
std::optional<Captured> capture(Command command, std::size_t most_bytes, std::chrono::milliseconds patience);

}  // namespace amltrain
