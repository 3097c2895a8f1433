// Opens the engine, as the binary does; its exit code is the error's.
#include <iostream>

#include "engine/api.hpp"
#include "support/error.hpp"

int main() {
  try {
    amltrain::engine::open_engine();
    return 0;
  } catch (const amltrain::Error& problem) {
    std::cerr << problem.what() << '\n' << problem.hint() << '\n';
    return problem.exit_code();
  }
}
