// State dicts to write, read and compare.
#pragma once

#include <cstdint>
#include <string>

#include "engine/exchange/state_dict.hpp"
#include "engine/nn/spec.hpp"

namespace amltrain::test {

/// Two small tensors, "weight" float32 [2, 3] and "steps" int64 [].
engine::StateDict small_state();

/// One tensor of every element type that files can hold, filled with distinct bytes.
engine::StateDict all_dtypes_state();

/// All tensors of the architecture, drawn so that the logits stay of order one.
engine::StateDict random_state(const engine::ResNetSpec& spec, std::int64_t classes, std::uint64_t seed);

/// Float [batch, 3, side, side], from a standard normal distribution.
at::Tensor random_images(std::int64_t batch, std::int64_t side, std::uint64_t seed);

/// The first difference in names, order, dtypes, shapes or bits; empty when there is none.
std::string difference(const engine::StateDict& a, const engine::StateDict& b);

}  // namespace amltrain::test
