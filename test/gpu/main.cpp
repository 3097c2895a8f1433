#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <iostream>

#include "engine/torch.hpp"

int main(int argc, char** argv) {
  constexpr int kSkipped = 77;
  if (!at::hasCUDA()) {
    std::cout << "no CUDA device: skipped" << std::endl;
    return kSkipped;
  }
  return Catch::Session().run(argc, argv);
}
