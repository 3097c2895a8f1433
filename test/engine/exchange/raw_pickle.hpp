// Pickles byte by byte, as an attacker writes them: nothing here knows what is allowed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace amltrain::test {

/// A little-endian number.
template <typename T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

inline std::string p_text(std::string_view value) {
  return "X" + raw(static_cast<std::uint32_t>(value.size())) + std::string(value);
}
inline std::string p_int(std::int64_t value) { return "\x8a\x08" + raw(value); }
inline std::string p_global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline std::string p_tuple(const std::string& items) { return "(" + items + "t"; }
inline std::string p_call(const std::string& callable, const std::string& items) {
  return callable + p_tuple(items) + "R";
}
inline std::string p_ordered_dict(const std::string& items) {
  return p_global("collections", "OrderedDict") + ")R(" + items + "u";
}
inline std::string p_pickle(const std::string& value) { return "\x80\x02" + value + "."; }

/// ('storage', torch.KIND, key, 'cpu', elements) as a persistent id; `more` is appended to the tuple.
inline std::string p_storage(const std::string& kind, const std::string& key, std::int64_t elements,
                             const std::string& more = "") {
  return p_tuple(p_text("storage") + p_global("torch", kind) + p_text(key) + p_text("cpu") + p_int(elements) +
                 more) +
         "Q";
}

struct View {
  std::int64_t offset = 0;
  std::vector<std::int64_t> sizes, strides;
};

inline std::string p_tensor(const std::string& storage, const View& view) {
  std::string sizes, strides;
  for (const auto size : view.sizes) sizes += p_int(size);
  for (const auto stride : view.strides) strides += p_int(stride);
  return p_call(
      p_global("torch._utils", "_rebuild_tensor_v2"),
      storage + p_int(view.offset) + p_tuple(sizes) + p_tuple(strides) + "\x89" + p_ordered_dict(""));
}

/// os.system('touch PATH'), the classic payload.
inline std::string p_payload(const std::string& path) {
  return p_call(p_global("posix", "system"), p_text("touch " + path));
}

}  // namespace amltrain::test
