#include "engine/exchange/dtypes.hpp"

#include <algorithm>
#include <array>

#include "support/error.hpp"

namespace amltrain::engine {
namespace {

constexpr std::array<Dtype, 10> table = {{
    {at::kBool, 1, "bool", "BoolStorage", "BOOL"},
    {at::kByte, 1, "uint8", "ByteStorage", "U8"},
    {at::kChar, 1, "int8", "CharStorage", "I8"},
    {at::kShort, 2, "int16", "ShortStorage", "I16"},
    {at::kHalf, 2, "float16", "HalfStorage", "F16"},
    {at::kBFloat16, 2, "bfloat16", "BFloat16Storage", "BF16"},
    {at::kInt, 4, "int32", "IntStorage", "I32"},
    {at::kFloat, 4, "float32", "FloatStorage", "F32"},
    {at::kDouble, 8, "float64", "DoubleStorage", "F64"},
    {at::kLong, 8, "int64", "LongStorage", "I64"},
}};

template <typename Key>
const Dtype* find(const Key& key, Key Dtype::*member) {
  const auto found = std::ranges::find(table, key, member);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace

std::span<const Dtype> dtypes() { return table; }
const Dtype* find_dtype(at::ScalarType type) { return find(type, &Dtype::type); }
const Dtype* find_storage(std::string_view name) { return find(name, &Dtype::storage); }
const Dtype* find_safetensors(std::string_view name) { return find(name, &Dtype::safetensors); }

const Dtype& require_dtype(at::ScalarType type, std::string_view entry) {
  if (const Dtype* found = find_dtype(type)) return *found;
  throw Error(category::bad_input, "'" + std::string(entry) + "' has the element type " +
                                       c10::toString(type) + ", which is not supported");
}

}  // namespace amltrain::engine
