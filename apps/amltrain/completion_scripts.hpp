// Shell completion, generated from the command tree.
#pragma once

#include <string>

#include "command_tree.hpp"

namespace amltrain::cli {

// Each script follows the words before the cursor down the tree, then offers the commands and options there,
// the choices of the option before the cursor, and ids of runs where a command takes one.
std::string bash_completion(const CommandInfo& program);
std::string zsh_completion(const CommandInfo& program);
std::string fish_completion(const CommandInfo& program);

}  // namespace amltrain::cli
