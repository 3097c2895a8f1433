#include <catch2/catch.hpp>

#include "engine/device/cuda.hpp"
#include "engine/train/numerics.hpp"

namespace amltrain::engine {

TEST_CASE("where there is a GPU it is chosen, and said", "[gpu]") {
  CHECK(built_with_cuda());
  const Numerics numerics = choose_numerics({});
  CHECK(numerics.device.is_cuda());
  CHECK(numerics.words().starts_with("cuda"));
}

}  // namespace amltrain::engine
