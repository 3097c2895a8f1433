#include "engine/nn/weight_gradient.hpp"

#include <cstring>
#include <vector>

#include "engine/nn/pair_kernels.hpp"
#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {

using pair_kernels::kColumns;
using pair_kernels::kRows;
using pair_kernels::Pair;

constexpr std::int64_t kBlock = 16;  // input channels that are packed together: a cache line of words
constexpr std::int64_t kChunk = 256;  // steps after which the next shift takes the same, cached pixels

std::size_t u(std::int64_t number) { return static_cast<std::size_t>(number); }

/// Activations as pairs of images: blocks x pairs x height x width x channels of a block, with a border of
/// zeros.
struct Packed {
  std::int64_t blocks, pairs, height, width, channels;
  at::Tensor words;

  Packed(const at::Tensor& x, std::int64_t block, std::int64_t border);
  std::int64_t plane() const { return height * width * channels; }
  const Pair* block(std::int64_t number) const {
    return static_cast<const Pair*>(words.const_data_ptr()) + number * pairs * plane();
  }
};

Packed::Packed(const at::Tensor& x, std::int64_t block, std::int64_t border)
    : blocks(x.size(1) / block),
      pairs((x.size(0) + 1) / 2),
      height(x.size(2) + 2 * border),
      width(x.size(3) + 2 * border),
      channels(block) {
  words = at::empty({blocks * pairs * plane()}, x.options().dtype(at::kInt));
  auto* const out = static_cast<Pair*>(words.mutable_data_ptr());
  const auto* const in = static_cast<const std::uint16_t*>(x.const_data_ptr());
  const std::int64_t row = x.size(3) * x.size(1), image = x.size(2) * row, line = width * channels;
  at::parallel_for(0, pairs * height, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t index = begin; index < end; ++index) {
      const std::int64_t pair = index / height, y = index % height - border;
      for (std::int64_t b = 0; b < blocks; ++b) {
        Pair* to = out + ((b * pairs + pair) * height + y + border) * line;
        if (y < 0 || y >= x.size(2)) {
          std::memset(to, 0, u(line) * sizeof(Pair));
          continue;
        }
        std::memset(to, 0, u(border * channels) * sizeof(Pair));
        to += border * channels;
        const std::uint16_t* one = in + 2 * pair * image + y * row + b * channels;
        const std::uint16_t* other = 2 * pair + 1 < x.size(0) ? one + image : nullptr;
        for (std::int64_t column = 0; column < x.size(3); ++column, to += channels) {
          pair_kernels::interleave(one, other, u(channels), to);
          one += x.size(1);
          if (other) other += x.size(1);
        }
        std::memset(to, 0, u(border * channels) * sizeof(Pair));
      }
    }
  });
}

struct Kernel {
  std::int64_t side, stride;
};

/// The sums of one block of input channels, 32 output channels and one line of the kernel: `taps` tiles of
/// `rows` x 32 in `sums`. When a block is all channels (there are few), the columns of the line lie beside each
/// other in memory too, and are the rows of a single tile.
void add_line(const Packed& input, std::int64_t block, const Packed& gradient, std::int64_t tile,
              const Kernel& kernel, std::int64_t line, std::int64_t taps, std::int64_t rows, float* sums) {
  const std::int64_t lines = std::clamp(kChunk / gradient.width, std::int64_t{1}, gradient.height);
  const std::int64_t planes = lines < gradient.height
                                  ? 1
                                  : std::max(kChunk / (gradient.width * gradient.height), std::int64_t{1});
  const std::int64_t input_line = input.width * input.channels;
  for (std::int64_t plane = 0; plane < input.pairs; plane += planes) {
    for (std::int64_t y = 0; y < gradient.height; y += lines) {
      const pair_kernels::Steps steps{.planes = u(std::min(planes, input.pairs - plane)),
                                      .lines = u(std::min(lines, gradient.height - y)),
                                      .steps = u(gradient.width),
                                      .a_plane = u(input.plane()),
                                      .a_line = u(kernel.stride * input_line),
                                      .a_step = u(kernel.stride * input.channels),
                                      .b_plane = u(gradient.plane())};
      const Pair* const b =
          gradient.block(tile) + plane * gradient.plane() + y * gradient.width * gradient.channels;
      const Pair* const a = input.block(block) + plane * input.plane() +
                            (y * kernel.stride + line) * input_line;
      for (std::int64_t tap = 0; tap < taps; ++tap)
        for (std::int64_t row = 0; row < rows; row += static_cast<std::int64_t>(kRows))
          pair_kernels::add_products(a + tap * input.channels + row, b, steps, std::min(kRows, u(rows - row)),
                                     sums + (tap * rows + row) * static_cast<std::int64_t>(kColumns));
    }
  }
}

}  // namespace

bool has_weight_gradient(const at::Tensor& input, const at::Tensor& gradient, int groups) {
  const auto fits = [](const at::Tensor& x) {
    return x.is_cpu() && x.scalar_type() == at::kBFloat16 && x.is_contiguous(at::MemoryFormat::ChannelsLast);
  };
  return groups == 1 && fits(input) && fits(gradient) && pair_kernels::is_supported() &&
         gradient.size(1) % static_cast<std::int64_t>(kColumns) == 0 &&
         (input.size(1) % kBlock == 0 || input.size(1) < kBlock);
}

at::Tensor weight_gradient(const at::Tensor& input, const at::Tensor& gradient, int kernel, int stride,
                           int padding) {
  const bool few = input.size(1) < kBlock;
  const Packed x(input, few ? input.size(1) : kBlock, padding);
  const Packed g(gradient, static_cast<std::int64_t>(kColumns), 0);
  const std::int64_t taps = few ? 1 : kernel, rows = few ? kernel * x.channels : kBlock;
  at::Tensor weight = at::empty({gradient.size(1), input.size(1), kernel, kernel},
                                input.options().dtype(at::kFloat).memory_format(at::MemoryFormat::ChannelsLast));
  auto* const out = weight.mutable_data_ptr<float>();
  at::parallel_for(0, g.blocks * x.blocks * kernel, 1, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> sums(u(taps * rows) * kColumns);
    for (std::int64_t item = begin; item < end; ++item) {
      const std::int64_t line = item % kernel, block = item / kernel % x.blocks;
      const std::int64_t tile = item / kernel / x.blocks;
      std::fill(sums.begin(), sums.end(), 0.0F);
      add_line(x, block, g, tile, {kernel, stride}, line, taps, rows, sums.data());
      // To O x K x K x I: `few` has the columns of the kernel in the rows, in this order already.
      for (std::int64_t column = 0; column < static_cast<std::int64_t>(kColumns); ++column) {
        float* const to = out + (((tile * static_cast<std::int64_t>(kColumns) + column) * kernel + line) * kernel) *
                                    input.size(1);
        for (std::int64_t tap = 0; tap < taps; ++tap)
          for (std::int64_t row = 0; row < rows; ++row)
            to[tap * input.size(1) + block * kBlock * (few ? 0 : 1) + row] =
                sums[u((tap * rows + row) * static_cast<std::int64_t>(kColumns) + column)];
      }
    }
  });
  return weight;
}

}  // namespace amltrain::engine
