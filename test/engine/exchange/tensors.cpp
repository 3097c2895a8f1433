#include "engine/exchange/tensors.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>

#include <cmath>
#include <cstring>
#include <random>

#include "engine/exchange/dtypes.hpp"
#include "engine/exchange/match.hpp"
#include "engine/nn/shapes.hpp"

namespace amltrain::test {
namespace {

using engine::StateDict;

at::Tensor normal(const std::vector<std::int64_t>& shape, double mean, double deviation,
                  std::mt19937_64& bits) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  std::normal_distribution<float> distribution(static_cast<float>(mean), static_cast<float>(deviation));
  for (float& value : std::span(tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())))
    value = distribution(bits);
  return tensor;
}

bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor left = a.contiguous(), right = b.contiguous();
  return std::memcmp(left.const_data_ptr(), right.const_data_ptr(), left.nbytes()) == 0;
}

}  // namespace

StateDict small_state() {
  return {{{"weight", at::arange(6, at::kFloat).view({2, 3})}, {"steps", at::full({}, 7, at::kLong)}}};
}

StateDict all_dtypes_state() {
  StateDict state;
  for (const auto& dtype : engine::dtypes())
    state.entries.emplace_back("as_" + std::string(dtype.torch),
                               at::arange(-2, 4, at::kFloat).to(dtype.type));
  return state;
}

StateDict random_state(const engine::ResNetSpec& spec, std::int64_t classes, std::uint64_t seed) {
  // The last scale of each block, small so that the sum of all blocks stays of order one.
  const std::string block_end = spec.block == engine::Block::basic ? ".bn2.weight" : ".bn3.weight";
  std::mt19937_64 bits(seed);
  StateDict state;
  for (const auto& [name, shape] : engine::parameter_shapes(spec, classes)) {
    if (engine::is_batch_counter(name)) {
      state.entries.emplace_back(name, at::full({}, 3, at::kLong));
    } else if (shape.size() > 1) {  // He et al. 2015: the variance stays
      const double inputs = shape.size() == 4 ? static_cast<double>(shape[1] * shape[2] * shape[3])
                                              : static_cast<double>(shape[1]);
      state.entries.emplace_back(name, normal(shape, 0, std::sqrt(2 / inputs), bits));
    } else {
      const bool spread = name.ends_with("running_var");
      const bool centre = name.ends_with("bias") || name.ends_with("running_mean");
      at::Tensor values = normal(shape, centre ? 0 : name.ends_with(block_end) ? 0.3 : 1, 0.1, bits);
      state.entries.emplace_back(name, spread ? values.abs() + 0.5 : values);
    }
  }
  return state;
}

at::Tensor random_images(std::int64_t batch, std::int64_t side, std::uint64_t seed) {
  std::mt19937_64 bits(seed);
  return normal({batch, 3, side, side}, 0, 1, bits);
}

std::string difference(const StateDict& a, const StateDict& b) {
  if (a.entries.size() != b.entries.size())
    return std::to_string(a.entries.size()) + " tensors against " + std::to_string(b.entries.size());
  for (std::size_t i = 0; i < a.entries.size(); ++i) {
    const auto& [name, tensor] = a.entries[i];
    const auto& [other_name, other] = b.entries[i];
    if (name != other_name) return "'" + name + "' against '" + other_name + "'";
    if (tensor.scalar_type() != other.scalar_type())
      return "'" + name + "': " + c10::toString(tensor.scalar_type()) + " against " +
             c10::toString(other.scalar_type());
    if (tensor.sizes() != other.sizes())
      return "'" + name + "': " + engine::shape_text(tensor.sizes()) + " against " +
             engine::shape_text(other.sizes());
    if (!same_bits(tensor, other)) return "'" + name + "' has other values";
  }
  return "";
}

}  // namespace amltrain::test
