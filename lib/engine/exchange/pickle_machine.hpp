// The stack machine of Python's pickle protocols 2 to 5 (CPython's pickletools.py is its specification), as
// far as torch.save uses it. Own code, because both "safe" loaders of PyTorch had holes (CVE-2025-32434,
// CVE-2026-24747); here no opcode leads to a call.
#pragma once

#include <cstddef>

#include "engine/exchange/byte_cursor.hpp"
#include "engine/exchange/pickle_value.hpp"

namespace amltrain::engine {

struct PickleLimits {
  std::size_t operations = 1'000'000;  // a checkpoint of resnet152 with its optimiser takes under 100,000
  std::size_t depth = 256;             // marks open at a time
};

/// Runs one pickle and leaves the cursor behind its STOP. Memory stays proportional to the bytes read.
/// Throws Error{bad_input} naming the byte for anything malformed, unknown or over a limit.
Pickle run_pickle(ByteCursor& bytes, const PickleLimits& limits = {});

}  // namespace amltrain::engine
