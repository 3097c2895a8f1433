// Counts what the test program takes from operator new.
#pragma once

#include <cstdint>

namespace amltrain::test {

/// Calls so far, of all threads.
std::uint64_t allocations();

}  // namespace amltrain::test
