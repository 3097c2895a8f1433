// A port for the processes of one run to meet at.
#pragma once

#include <cstdint>

namespace amltrain {

/// A TCP port of this machine that nothing listened at a moment ago. Throws Error{environment} when there is
/// none.
std::uint16_t free_port();

}  // namespace amltrain
