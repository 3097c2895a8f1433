#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <iostream>

#include "engine/torch.hpp"
#include "engine/train/numerics.hpp"

int main(int argc, char** argv) {
  constexpr int kSkipped = 77;
  if (!at::hasCUDA()) {
    std::cout << "no CUDA device: skipped" << std::endl;
    return kSkipped;
  }
  amltrain::engine::choose_numerics({});  // of fp32 without TF32, as in a training
  return Catch::Session().run(argc, argv);
}
