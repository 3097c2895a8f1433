#include "engine/exchange/tensor_bytes.hpp"

#include <ATen/ops/empty.h>

namespace amltrain::engine {

at::Tensor allocate(const std::vector<std::int64_t>& sizes, at::ScalarType type) {
  return at::empty(sizes, type);
}

std::span<std::byte> writable_bytes(at::Tensor& tensor) {
  TORCH_INTERNAL_ASSERT(tensor.is_contiguous() && tensor.is_cpu());
  return {static_cast<std::byte*>(tensor.mutable_data_ptr()), tensor.nbytes()};
}

std::span<const std::byte> bytes_of(const at::Tensor& tensor) {
  TORCH_INTERNAL_ASSERT(tensor.is_contiguous() && tensor.is_cpu());
  return {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()};
}

}  // namespace amltrain::engine
