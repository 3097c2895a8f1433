#include "engine/train/out_of_memory.hpp"

#include <c10/util/Exception.h>

#include <new>
#include <string_view>

namespace amltrain::engine {

bool is_out_of_memory(const std::exception& problem) {
  if (dynamic_cast<const std::bad_alloc*>(&problem) || dynamic_cast<const c10::OutOfMemoryError*>(&problem))
    return true;
  return std::string_view(problem.what()).find("can't allocate memory") != std::string_view::npos;
}

}  // namespace amltrain::engine
