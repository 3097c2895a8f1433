// Tensors as the bytes that files hold.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace amltrain::engine {

/// A new contiguous CPU tensor, not initialised. The caller has checked that the file holds that many bytes.
at::Tensor allocate(const std::vector<std::int64_t>& sizes, at::ScalarType type);

/// The memory of a contiguous CPU tensor.
std::span<std::byte> writable_bytes(at::Tensor& tensor);
std::span<const std::byte> bytes_of(const at::Tensor& tensor);

}  // namespace amltrain::engine
