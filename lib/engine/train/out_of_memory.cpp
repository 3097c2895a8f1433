#include "engine/train/out_of_memory.hpp"

#include <c10/util/Exception.h>

#include <new>
#include <string_view>

namespace amltrain::engine {

bool is_out_of_memory(const std::exception& problem) {
  if (dynamic_cast<const std::bad_alloc*>(&problem) || dynamic_cast<const c10::OutOfMemoryError*>(&problem))
    return true;
  const std::string_view words = problem.what();
  // torch's CPU allocator; oneDNN, whose kernels are generated into memory that the system may not have.
  return words.find("can't allocate memory") != std::string_view::npos ||
         words.starts_with("could not create a primitive") || words.starts_with("could not create a memory");
}

}  // namespace amltrain::engine
