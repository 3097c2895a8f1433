// The element types a state dict may hold, by their names in pickles and in safetensors.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstddef>
#include <span>
#include <string_view>

namespace amltrain::engine {

struct Dtype {
  at::ScalarType type;
  std::size_t bytes;             // of one element
  std::string_view torch;        // "float32"
  std::string_view storage;      // torch.FloatStorage
  std::string_view safetensors;  // "F32"
};

/// In the order of the safetensors reference implementation's Dtype, which its writer sorts by.
std::span<const Dtype> dtypes();

/// Each gives nullptr for one that is not in the table.
const Dtype* find_dtype(at::ScalarType type);
const Dtype* find_storage(std::string_view name);
const Dtype* find_safetensors(std::string_view name);

/// The row of `type`. Throws Error{bad_input} naming `entry` when it is none of the table's.
const Dtype& require_dtype(at::ScalarType type, std::string_view entry);

}  // namespace amltrain::engine
