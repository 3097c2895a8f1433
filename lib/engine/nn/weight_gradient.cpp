#include "engine/nn/weight_gradient.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "engine/nn/cpu_bf16.hpp"
#include "engine/nn/pair_kernels.hpp"
#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {

using pair_kernels::Bf16;
using pair_kernels::Pair;

constexpr auto kBlock = static_cast<std::int64_t>(pair_kernels::kChannels);  // channels packed together
constexpr auto kRows = static_cast<std::int64_t>(pair_kernels::kRows);
constexpr std::int64_t kChunk = 192;  // pixels that stay in the L1 cache while all shifts take them
constexpr std::int64_t kManyWeights = 256 * 512;

std::size_t u(std::int64_t number) { return static_cast<std::size_t>(number); }

/// Activations as pairs of images: blocks x pairs x height x width x kBlock, with a border of zeros.
struct Packed {
  Packed(const at::Tensor& x, std::int64_t border);

  std::int64_t line() const { return width * kBlock; }
  std::int64_t plane() const { return height * line(); }
  const Pair* block(std::int64_t number) const {
    return static_cast<const Pair*>(words.const_data_ptr()) + number * pairs * plane();
  }

  std::int64_t blocks, pairs, height, width;
  at::Tensor words;
};

Packed::Packed(const at::Tensor& x, std::int64_t border)
    : blocks(x.size(1) / kBlock),
      pairs((x.size(0) + 1) / 2),
      height(x.size(2) + 2 * border),
      width(x.size(3) + 2 * border),
      words(at::empty({blocks * pairs * plane()}, x.options().dtype(at::kInt))) {
  auto* const out = static_cast<Pair*>(words.mutable_data_ptr());
  const auto* const in = static_cast<const Bf16*>(x.const_data_ptr());
  const std::int64_t channels = x.size(1), row = x.size(3) * channels, image = x.size(2) * row;
  const auto clear = [](Pair* to, std::int64_t count) { std::memset(to, 0, u(count) * sizeof(Pair)); };
  at::parallel_for(0, pairs * height, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t index = begin; index < end; ++index) {
      const std::int64_t pair = index / height, y = index % height - border;
      const Bf16* const one = in + 2 * pair * image + y * row;
      const Bf16* const other = 2 * pair + 1 < x.size(0) ? one + image : nullptr;
      for (std::int64_t b = 0; b < blocks; ++b) {
        Pair* const to = out + (b * pairs * height + index) * line();
        if (y < 0 || y >= x.size(2)) {
          clear(to, line());
          continue;
        }
        clear(to, border * kBlock);
        pair_kernels::interleave(one + b * kBlock, other ? other + b * kBlock : nullptr, u(x.size(3)),
                                 u(channels), to + border * kBlock);
        clear(to + line() - border * kBlock, border * kBlock);
      }
    }
  });
}

struct Kernel {
  std::int64_t side, stride, line;
};

/// The sums of 32 output channels, 32 input channels and one line of the kernel: side x 32 x 32.
void add_line(const Packed& gradient, std::int64_t outputs, const Packed& input, std::int64_t inputs,
              const Kernel& kernel, float* sums) {
  const std::int64_t lines = std::clamp(kChunk / gradient.width, std::int64_t{1}, gradient.height);
  const std::int64_t planes = std::max(kChunk / (gradient.width * gradient.height), std::int64_t{1});
  pair_kernels::Steps steps{
      .planes = 0,
      .lines = 0,
      .steps = u(gradient.width),
      .a = {u(gradient.plane()), u(gradient.line()), u(kBlock)},
      .b = {u(input.plane()), u(kernel.stride * input.line()), u(kernel.stride * kBlock)}};
  for (std::int64_t plane = 0; plane < input.pairs; plane += planes) {
    for (std::int64_t y = 0; y < gradient.height; y += lines) {
      steps.planes = u(std::min(planes, input.pairs - plane));
      steps.lines = u(std::min(lines, gradient.height - y));
      const Pair* const a = gradient.block(outputs) + plane * gradient.plane() + y * gradient.line();
      const Pair* const b =
          input.block(inputs) + plane * input.plane() + (y * kernel.stride + kernel.line) * input.line();
      for (std::int64_t tap = 0; tap < kernel.side; ++tap)
        for (std::int64_t row = 0; row < kBlock; row += kRows)
          pair_kernels::add_products(a + row, b + tap * kBlock, steps, sums + (tap * kBlock + row) * kBlock);
    }
  }
}

}  // namespace

bool has_weight_gradient(const at::Tensor& input, const at::Tensor& gradient, std::int64_t kernel,
                         std::int64_t groups) {
  static const bool quick = cpu_bf16() == "avx512_bf16";
  const auto fits = [](const at::Tensor& x) {
    return x.is_cpu() && x.scalar_type() == at::kBFloat16 && x.size(1) % kBlock == 0 &&
           x.is_contiguous(at::MemoryFormat::ChannelsLast);
  };
  return quick && groups == 1 && fits(input) && fits(gradient) &&
         (kernel > 1 || input.size(1) * gradient.size(1) >= kManyWeights);
}

at::Tensor weight_gradient(const at::Tensor& input, const at::Tensor& gradient, std::int64_t kernel,
                           std::int64_t stride) {
  const Packed x(input, kernel / 2), g(gradient, 0);
  at::Tensor weight = at::empty({gradient.size(1), input.size(1), kernel, kernel},
                                input.options().dtype(at::kFloat), at::MemoryFormat::ChannelsLast);
  auto* const out = weight.mutable_data_ptr<float>();
  at::parallel_for(0, g.blocks * x.blocks * kernel, 1, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> sums(u(kernel * kBlock * kBlock));
    for (std::int64_t item = begin; item < end; ++item) {
      const std::int64_t line = item % kernel, inputs = item / kernel % x.blocks;
      const std::int64_t outputs = item / kernel / x.blocks;
      std::ranges::fill(sums, 0.0F);
      add_line(g, outputs, x, inputs, {kernel, stride, line}, sums.data());
      for (std::int64_t tap = 0; tap < kernel; ++tap)
        for (std::int64_t row = 0; row < kBlock; ++row)
          std::memcpy(out + (((outputs * kBlock + row) * kernel + line) * kernel + tap) * input.size(1) +
                          inputs * kBlock,
                      &sums[u((tap * kBlock + row) * kBlock)], u(kBlock) * sizeof(float));
    }
  });
  return weight;
}

}  // namespace amltrain::engine
