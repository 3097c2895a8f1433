#include "engine/exchange/safetensors_layout.hpp"

#include <algorithm>
#include <cstring>

#include "engine/exchange/dtypes.hpp"
#include "support/error.hpp"
#include "support/json.hpp"

namespace amltrain::engine {
namespace {

struct Item {
  const Dtype* dtype;
  std::size_t entry;
};

std::vector<Item> in_file_order(const StateDict& state) {
  std::vector<Item> items;
  for (std::size_t i = 0; i < state.entries.size(); ++i)
    items.push_back({&require_dtype(state.entries[i].second.scalar_type(), state.entries[i].first), i});
  std::ranges::sort(items, [&](const Item& a, const Item& b) {
    return a.dtype != b.dtype  // both from one table
               ? a.dtype > b.dtype
               : state.entries[a.entry].first < state.entries[b.entry].first;
  });
  return items;
}

/// The header's text with its length before it.
std::string head_of(const json& header, const std::string& origin) {
  std::string text;
  try {
    text = header.dump();
  } catch (const json::exception&) {
    throw Error(category::bad_input, origin + ": a name or its metadata is not UTF-8");
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = text.size();
  std::string head(sizeof length, '\0');
  std::memcpy(head.data(), &length, sizeof length);
  return head + text;
}

}  // namespace

SafetensorsLayout lay_out_safetensors(const StateDict& state,
                                      const std::map<std::string, std::string>& metadata,
                                      const std::string& origin) {
  SafetensorsLayout layout{};
  json header = json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const Item& item : in_file_order(state)) {
    const auto& [name, tensor] = state.entries[item.entry];
    const std::uint64_t end = offset + tensor.nbytes();
    header[name] = {
        {"dtype", item.dtype->safetensors}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, end}}};
    layout.places.push_back({item.entry, offset, end});
    offset = end;
  }
  layout.head = head_of(header, origin);
  for (SafetensorsLayout::Place& place : layout.places) {
    place.at += layout.head.size();
    place.end += layout.head.size();
  }
  layout.bytes = layout.head.size() + offset;
  return layout;
}

}  // namespace amltrain::engine
