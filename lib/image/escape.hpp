// libjpeg and libpng report a fatal error by a callback that must not return. The jump out of it lives here
// alone.
#pragma once

#include <csetjmp>
#include <string>

namespace amltrain {

/// Runs steps that call such a library. The library's error callback calls leave(), which ends the step.
/// A jump runs no destructors, so a step holds nothing that has one: what a step fills is made before it.
class Escape {
 public:
  template <typename Step>
  [[nodiscard]] bool run(Step step) {
    return run([](void* context) { (*static_cast<Step*>(context))(); }, &step);
  }

  /// Ends the step under way: run() returns false.
  [[noreturn]] void leave(const char* message);

  /// What leave() was told last.
  const char* message() const { return message_; }

 private:
  bool run(void (*step)(void*), void* context);

  std::jmp_buf target_;
  char message_[256] = "";
};

}  // namespace amltrain
