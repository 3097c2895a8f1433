#include "image/escape.hpp"

#include <cstdio>

namespace amltrain {

bool Escape::run(void (*step)(void*), void* context) {
  if (setjmp(target_) != 0) return false;
  step(context);
  return true;
}

void Escape::leave(const char* message) {
  std::snprintf(message_, sizeof message_, "%s", message);
  std::longjmp(target_, 1);
}

}  // namespace amltrain
