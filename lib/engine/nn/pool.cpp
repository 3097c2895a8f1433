#include "engine/nn/pool.hpp"

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

at::Tensor spatial_mean(const at::Tensor& x) {
  return at::adaptive_avg_pool2d(x.to(at::kFloat), {1, 1}).flatten(1);
}

}  // namespace amltrain::engine
