#include "engine/nn/init.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <string_view>

#include "engine/nn/shapes.hpp"
#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {

at::Tensor fresh_tensor(std::string_view name, const std::vector<std::int64_t>& shape, double fc_bound,
                        const at::Generator& generator) {
  if (is_batch_counter(name)) return at::zeros(shape, at::kLong);
  at::Tensor tensor = at::empty(shape, at::kFloat);
  if (name.starts_with("fc.")) return tensor.uniform_(-fc_bound, fc_bound, generator);
  if (shape.size() == 4) {
    const double fan_out = static_cast<double>(shape[0] * shape[2] * shape[3]);
    return tensor.normal_(0.0, std::sqrt(2.0 / fan_out), generator);
  }
  const bool one = name.ends_with(".weight") || name.ends_with(".running_var");
  return tensor.fill_(one ? 1.0 : 0.0);
}

}  // namespace

StateDict fresh_state(const ResNetSpec& spec, std::int64_t classes, std::uint64_t seed) {
  const at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  const double fc_bound = 1.0 / std::sqrt(static_cast<double>(spec.features()));
  StateDict state;
  for (const auto& [name, shape] : parameter_shapes(spec, classes))
    state.entries.emplace_back(name, fresh_tensor(name, shape, fc_bound, generator));
  return state;
}

}  // namespace amltrain::engine
