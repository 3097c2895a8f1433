// Byte for byte what the reference implementation writes: metadata first, tensors by falling dtype then by
// name, JSON without blanks, the header padded with blanks to a multiple of 8.
#include <algorithm>
#include <vector>

#include "engine/exchange/dtypes.hpp"
#include "engine/exchange/formats.hpp"
#include "engine/exchange/tensor_bytes.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/json.hpp"

namespace amltrain::engine {
namespace {

struct Item {
  const Dtype* dtype;
  const std::string* name;
  at::Tensor tensor;  // contiguous
};

std::vector<Item> in_file_order(const StateDict& state) {
  std::vector<Item> items;
  for (const auto& [name, tensor] : state.entries)
    items.push_back({&require_dtype(tensor.scalar_type(), name), &name, tensor.contiguous()});
  std::ranges::sort(items, [](const Item& a, const Item& b) {
    return a.dtype != b.dtype ? a.dtype > b.dtype : *a.name < *b.name;  // both from one table
  });
  return items;
}

}  // namespace

std::string write_safetensors(const std::filesystem::path& file, const StateDict& state,
                              const std::map<std::string, std::string>& metadata) {
  const auto items = in_file_order(state);
  json header = json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const Item& item : items) {
    const std::uint64_t end = offset + item.tensor.nbytes();
    header[*item.name] = {{"dtype", item.dtype->safetensors},
                          {"shape", item.tensor.sizes().vec()},
                          {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const json::exception&) {
    throw Error(category::bad_input, file.string() + ": a name or its metadata is not UTF-8");
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = text.size();
  AtomicFile out(file);
  Sha256 hash;
  const auto write = [&](std::span<const std::byte> bytes) {
    out.write(bytes);
    hash.update(bytes);
  };
  write(std::as_bytes(std::span(&length, 1)));
  write(std::as_bytes(std::span(text)));
  for (const Item& item : items) write(bytes_of(item.tensor));
  out.commit();
  return hash.finish();
}

}  // namespace amltrain::engine
