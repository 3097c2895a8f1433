// What torch sees of this machine.
#pragma once

#include "support/json.hpp"

namespace amltrain::engine {

/// Engine::describe: {"torch", "threads", "instruction_sets": names torch found, "bf16": the instruction set
/// or null, "cuda": {"built", "devices"}}.
json describe();

}  // namespace amltrain::engine
