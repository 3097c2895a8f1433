#include "engine/nn/pool.hpp"

#include <ATen/ops/empty_like.h>

#include <vector>

#include "engine/nn/pool_kernels.hpp"
#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {

template <typename Bits>
void pool_images(const at::Tensor& x, const at::Tensor& pooled) {
  const auto size = [](const at::Tensor& tensor, int dimension) {
    return static_cast<std::size_t>(tensor.size(dimension));
  };
  const std::size_t channels = size(x, 1), height = size(x, 2), width = size(x, 3);
  const std::size_t rows = size(pooled, 2), row_values = size(pooled, 3) * channels;
  const auto* from = static_cast<const Bits*>(x.const_data_ptr());
  auto* to = static_cast<Bits*>(pooled.mutable_data_ptr());
  at::parallel_for(0, x.size(0) * pooled.size(2), 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<Bits> scratch(width * channels);
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      pool_kernels::max_3x3_stride_2(from + i / rows * height * width * channels, height, width, channels,
                                     i % rows, scratch.data(), to + i * row_values);
  });
}

template <typename Bits>
void pool_gradients(const at::Tensor& x, const at::Tensor& pooled, const at::Tensor& gradient,
                    const at::Tensor& out) {
  const auto bits = [](const at::Tensor& tensor, std::int64_t image) {
    return static_cast<const Bits*>(tensor.const_data_ptr()) + image * tensor.stride(0);
  };
  auto* const to = static_cast<Bits*>(out.mutable_data_ptr());
  const auto channels = static_cast<std::size_t>(x.size(1)), height = static_cast<std::size_t>(x.size(2));
  const auto width = static_cast<std::size_t>(x.size(3));
  at::parallel_for(0, x.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> scratch((3 * width + 1) * channels);
    for (std::int64_t i = begin; i < end; ++i)
      pool_kernels::max_3x3_stride_2_gradient(bits(x, i), bits(pooled, i), bits(gradient, i), height, width,
                                              channels, scratch.data(), to + i * out.stride(0));
  });
}

}  // namespace

at::Tensor max_pool_of_relu(const at::Tensor& x) {
  const at::Tensor pooled = at::empty({x.size(0), x.size(1), (x.size(2) + 1) / 2, (x.size(3) + 1) / 2},
                                      x.options(), at::MemoryFormat::ChannelsLast);
  if (x.scalar_type() == at::kFloat)
    pool_images<std::int32_t>(x, pooled);
  else
    pool_images<std::int16_t>(x, pooled);
  return pooled;
}

at::Tensor max_pool_of_relu_backward(const at::Tensor& x, const at::Tensor& pooled,
                                     const at::Tensor& gradient) {
  at::Tensor out = at::empty_like(x);
  if (x.scalar_type() == at::kFloat)
    pool_gradients<std::int32_t>(x, pooled, gradient, out);
  else
    pool_gradients<std::int16_t>(x, pooled, gradient, out);
  return out;
}

at::Tensor spatial_mean(const at::Tensor& x) {
  return at::adaptive_avg_pool2d(x.to(at::kFloat), {1, 1}).flatten(1);
}

}  // namespace amltrain::engine
