// What was wrong with the words on the command line, in our own words.
#pragma once

#include <CLI/CLI.hpp>

#include "support/error.hpp"

namespace amltrain::cli {

/// The Error{bad_input} to show for `problem`, which `program` met in parsing `argv`. Unknown commands and
/// options come with the nearest known name.
Error explain_usage(const CLI::App& program, const CLI::ParseError& problem, int argc,
                    const char* const* argv);

}  // namespace amltrain::cli
