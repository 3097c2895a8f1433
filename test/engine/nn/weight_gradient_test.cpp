#include "engine/nn/weight_gradient.hpp"

#include <ATen/ops/convolution_backward.h>

#include <catch2/catch.hpp>

#include "engine/torch.hpp"

using namespace amltrain::engine;

namespace {

at::Tensor drawn(at::IntArrayRef sizes) {
  return at::empty(sizes).uniform_(-1, 1).contiguous(at::MemoryFormat::ChannelsLast).to(at::kBFloat16);
}

}  // namespace

TEST_CASE("the weight gradient by pairs of images is that of the same numbers in double", "[engine][nn]") {
  struct Case {
    std::int64_t images, inputs, outputs, side, kernel, stride;
  };
  const Case c = GENERATE(Case{4, 64, 64, 14, 3, 1}, Case{3, 32, 96, 9, 3, 1}, Case{5, 64, 32, 15, 3, 2},
                          Case{2, 32, 32, 40, 3, 2}, Case{1, 512, 256, 4, 1, 1}, Case{6, 256, 512, 6, 1, 2});
  CAPTURE(c.images, c.inputs, c.outputs, c.side, c.kernel, c.stride);
  const std::int64_t moved = (c.side - 1) / c.stride + 1;
  const at::Tensor input = drawn({c.images, c.inputs, c.side, c.side});
  const at::Tensor gradient = drawn({c.images, c.outputs, moved, moved});
  if (!has_weight_gradient(input, gradient, c.kernel, 1)) {
    WARN("skipped: this processor has no avx512_bf16, or has AMX");
    return;
  }
  const at::Tensor weight = at::zeros({c.outputs, c.inputs, c.kernel, c.kernel}, at::kDouble);
  const std::int64_t stride[] = {c.stride, c.stride}, padding[] = {c.kernel / 2, c.kernel / 2};
  const std::int64_t one[] = {1, 1}, none[] = {0, 0};
  const at::Tensor expected = std::get<1>(
      at::convolution_backward(gradient.to(at::kDouble), input.to(at::kDouble), weight, std::nullopt, stride,
                               padding, one, false, none, 1, {false, true, false}));
  const at::Tensor got = weight_gradient(input, gradient, c.kernel, c.stride);
  CHECK(got.is_contiguous(at::MemoryFormat::ChannelsLast));
  CHECK(got.sub(expected).abs().max().item<double>() < 1e-5 * expected.abs().max().item<double>());
}

TEST_CASE("the weight gradient by pairs is taken in bf16 and whole blocks of channels alone",
          "[engine][nn]") {
  const at::Tensor input = drawn({2, 64, 8, 8}), gradient = drawn({2, 64, 8, 8});
  CHECK_FALSE(has_weight_gradient(input.to(at::kFloat), gradient.to(at::kFloat), 3, 1));
  CHECK_FALSE(has_weight_gradient(input.contiguous(), gradient, 3, 1));
  CHECK_FALSE(has_weight_gradient(input, gradient, 3, 2));
  CHECK_FALSE(has_weight_gradient(drawn({2, 3, 8, 8}), gradient, 3, 1));
}
