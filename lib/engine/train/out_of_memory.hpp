// How torch and the C++ library say that memory is short.
#pragma once

#include <exception>

namespace amltrain::engine {

/// True for c10::OutOfMemoryError, for what torch's CPU allocator and oneDNN throw, and for std::bad_alloc.
bool is_out_of_memory(const std::exception& problem);

}  // namespace amltrain::engine
