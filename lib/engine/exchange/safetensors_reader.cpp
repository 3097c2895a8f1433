#include <algorithm>
#include <set>

#include "engine/exchange/byte_cursor.hpp"
#include "engine/exchange/dtypes.hpp"
#include "engine/exchange/safetensors.hpp"
#include "engine/exchange/tensor_bytes.hpp"
#include "support/json.hpp"

namespace amltrain::engine {
namespace {

constexpr std::uint64_t header_limit = 100'000'000;  // the reference implementation's
constexpr std::size_t most_dimensions = 8;
constexpr std::size_t most_tensors = 10'000;  // an ordered object of JSON takes n^2 steps to fill

struct Slice {
  std::string name;
  const Dtype* dtype = nullptr;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;  // in the body
};

/// Refuses, while the text is parsed, a key that is there twice (a parser would keep one of them silently)
/// and nesting deeper than the format has.
class HeaderGuard {
 public:
  explicit HeaderGuard(const InputFile& file) : file_(file) {}

  bool operator()(int depth, json::parse_event_t event, const json& value) {
    if (depth > 3) file_.fail("its header nests too deeply");
    if (event == json::parse_event_t::object_start) keys_[depth & 3].clear();
    if (event != json::parse_event_t::key) return true;
    auto& keys = keys_[(depth - 1) & 3];
    if (!keys.insert(value.get<std::string>()).second)
      file_.fail("its header has '" + value.get<std::string>() + "' twice");
    if (keys.size() > most_tensors) file_.fail("its header names more than 10000 tensors");
    return true;
  }

 private:
  const InputFile& file_;
  std::set<std::string> keys_[4];  // of the object open at each depth
};

std::vector<std::uint64_t> naturals(const json& field, const char* name, const Slice& slice,
                                    const InputFile& file) {
  std::vector<std::uint64_t> values;
  if (!field.is_array() || field.size() > most_dimensions)
    file.fail("'" + slice.name + "' has no valid " + name);
  for (const json& item : field) {
    if (!item.is_number_unsigned() || item.get<std::uint64_t>() > INT64_MAX)
      file.fail("'" + slice.name + "' has no valid " + name);
    values.push_back(item.get<std::uint64_t>());
  }
  return values;
}

Slice parse_slice(const std::string& name, const json& entry, const InputFile& file) {
  Slice slice;
  slice.name = name;
  if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") || !entry.contains("shape") ||
      !entry.contains("data_offsets"))
    file.fail("'" + name + "' needs dtype, shape and data_offsets, and nothing else");
  const json& dtype = entry["dtype"];
  slice.dtype = dtype.is_string() ? find_safetensors(dtype.get_ref<const std::string&>()) : nullptr;
  if (!slice.dtype) file.fail("'" + name + "' has the unsupported dtype " + dtype.dump(-1, ' ', true));
  const auto offsets = naturals(entry["data_offsets"], "data_offsets", slice, file);
  if (offsets.size() != 2 || offsets[0] > offsets[1]) file.fail("'" + name + "' has no valid data_offsets");
  slice.begin = offsets[0];
  slice.end = offsets[1];
  __extension__ using Wide = unsigned __int128;
  Wide bytes = slice.dtype->bytes;
  for (const std::uint64_t size : naturals(entry["shape"], "shape", slice, file)) {
    bytes *= size;
    if (bytes > INT64_MAX) file.fail("'" + name + "' is too large");
    slice.shape.push_back(static_cast<std::int64_t>(size));
  }
  if (bytes != slice.end - slice.begin)
    file.fail("'" + name + "' has a shape that is not its number of bytes");
  return slice;
}

/// The format allows neither overlap nor hole: together the slices are the body, byte for byte.
void check_cover(std::vector<Slice> slices, std::uint64_t body, const InputFile& file) {
  std::ranges::sort(slices, [](const Slice& a, const Slice& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t end = 0;
  for (const Slice& slice : slices) {
    if (slice.begin != end)
      file.fail("'" + slice.name + "' overlaps another tensor or leaves a hole before it");
    end = slice.end;
  }
  if (end != body)
    file.fail(end > body ? "the file is cut short" : "the file has bytes behind its last tensor",
              "copy or download the file again");
}

json parse_header(const std::string& text, const InputFile& file) {
  try {
    json header = json::parse(text, HeaderGuard(file));
    if (!header.is_object()) file.fail("its header is not an object");
    return header;
  } catch (const json::exception&) {  // what() would quote the file
    file.fail("its header is not JSON");
  }
}

}  // namespace

StateDict read_safetensors(const InputFile& file) {
  const std::string prefix = file.read_at(0, sizeof(std::uint64_t));
  const auto header_bytes = ByteCursor(prefix, file.name()).number<std::uint64_t>();
  if (header_bytes > header_limit) file.fail("its header is longer than 100 MB");
  const json header = parse_header(file.read_at(prefix.size(), header_bytes), file);
  const std::uint64_t body_at = prefix.size() + header_bytes;

  std::vector<Slice> slices;
  for (const auto& [name, entry] : header.items())
    if (name != "__metadata__") slices.push_back(parse_slice(name, entry, file));
  check_cover(slices, file.size() - body_at, file);
  StateDict state;
  for (const Slice& slice : slices) {
    at::Tensor tensor = allocate(slice.shape, slice.dtype->type);
    file.read_at(body_at + slice.begin, writable_bytes(tensor));
    state.entries.emplace_back(slice.name, std::move(tensor));
  }
  if (state.entries.empty()) file.fail("holds no tensors");
  return state;
}

}  // namespace amltrain::engine
