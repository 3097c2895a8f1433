// What the processor can do with bfloat16.
#pragma once

#include <optional>
#include <string>

namespace amltrain::engine {

/// The instruction set's name when this CPU multiplies bf16 in hardware.
std::optional<std::string> cpu_bf16();

}  // namespace amltrain::engine
