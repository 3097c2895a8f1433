// A port for the processes of one run to meet at.
#pragma once

#include <cstdint>
#include <optional>

namespace amltrain {

/// A TCP port of this machine that nothing listened at a moment ago; absent when the kernel gives none.
std::optional<std::uint16_t> free_port();

}  // namespace amltrain
