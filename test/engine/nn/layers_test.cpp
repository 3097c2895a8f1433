#include "engine/nn/layers.hpp"

#include <catch2/catch.hpp>

#include "engine/torch.hpp"

using namespace amltrain::engine;

namespace {

at::Tensor values(std::vector<float> numbers, at::IntArrayRef shape) {
  return at::from_blob(numbers.data(), shape, at::kFloat).clone();
}

/// One channel, a 1x1 kernel of `weight`, scale 3, shift 1.
ConvNorm unit(float weight) {
  return {.weight = values({weight}, {1, 1, 1, 1}),
          .scale = values({3}, {1}),
          .shift = values({1}, {1}),
          .running_mean = values({10}, {1}),
          .running_var = values({4}, {1}),
          .batches = at::zeros({}, at::kLong)};
}

float at_index(const at::Tensor& tensor, std::int64_t index) { return tensor.flatten()[index].item<float>(); }

}  // namespace

TEST_CASE("batch norm in training mode uses the batch's statistics and moves the running ones by a tenth",
          "[engine][nn]") {
  const ConvNorm layer = unit(2);
  const at::Tensor y = layer(values({1, 2, 3, 4}, {1, 1, 2, 2}), true);  // 2 4 6 8: mean 5, variance 5
  CHECK(at_index(y, 0) == Approx(1 - 3 * 3 / std::sqrt(5.00001)));
  CHECK(at_index(y, 3) == Approx(1 + 3 * 3 / std::sqrt(5.00001)));
  CHECK(at_index(layer.running_mean, 0) == Approx(9.5));
  CHECK(at_index(layer.running_var, 0) == Approx(0.9 * 4 + 0.1 * 20 / 3));  // unbiased: 20 / (4 - 1)
  CHECK(layer.batches.item<std::int64_t>() == 1);
}

TEST_CASE("batch norm in evaluation mode uses the running statistics and leaves them", "[engine][nn]") {
  const ConvNorm layer = unit(2);
  const at::Tensor y = layer(values({1, 2, 3, 4}, {1, 1, 2, 2}), false);
  CHECK(at_index(y, 0) == Approx(1 + 3 * (2 - 10) / std::sqrt(4.00001)));
  CHECK(at_index(layer.running_mean, 0) == 10);
  CHECK(layer.batches.item<std::int64_t>() == 0);
}

TEST_CASE("a residual block adds its input before the last ReLU", "[engine][nn]") {
  // Evaluation mode: each unit gives 1 + 3 (x - 10) / 2 for the weight 1.
  Residual block;
  block.path = {unit(1), unit(1)};
  const at::Tensor x = values({12, 2}, {1, 1, 1, 2});
  const at::Tensor y = block(x, false);
  // 12 -> 4 -> ReLU 4 -> -8, plus 12 is 4; 2 -> -11 -> ReLU 0 -> -14, plus 2 is -12, ReLU 0.
  CHECK(at_index(y, 0) == Approx(4).epsilon(1e-4));
  CHECK(at_index(y, 1) == 0);
  CHECK(at_index(x, 0) == 12);

  block.shortcut = unit(0);  // 1 + 3 (0 - 10) / 2 = -14
  CHECK(at_index(block(values({20, 2}, {1, 1, 1, 2}), false), 0) == Approx(0));
}
