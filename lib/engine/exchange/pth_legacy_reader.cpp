// Layout (torch/serialization.py, _legacy_save): five pickles in a row: a magic number, the protocol version
// 1001, facts about the machine, the object, the list of storage keys; then for each key, in that order, its
// number of elements as int64 and its bytes.
#include <algorithm>
#include <map>

#include "engine/exchange/pickle_machine.hpp"
#include "engine/exchange/pth_reader.hpp"
#include "engine/exchange/tensor_bytes.hpp"

namespace amltrain::engine {
namespace {

// PROTO 2, LONG1 of 10 bytes: 0x1950a86a20f9469cfc6c.
constexpr std::string_view magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
constexpr std::int64_t protocol_version = 1001;

void check_machine(const Pickle& facts, const InputFile& file) {
  const auto* dict = facts.as<PickleDict>(facts.root);
  for (const auto& [key, value] : dict ? dict->items : PickleItems{}) {
    const auto* name = facts.as<std::string>(key);
    const auto* little = facts.as<bool>(value);
    if (name && *name == "little_endian" && little && !*little)
      file.fail("was written on a big-endian machine", "load and save it again on a little-endian one");
  }
}

struct Place {
  std::uint64_t offset;
  StorageRecord storage;
};

/// Walks the storages behind the pickles.
std::map<std::string, Place> locate_storages(const Pickle& keys, const Pickle& object, std::uint64_t offset,
                                             const InputFile& file) {
  std::map<std::string, StorageRecord> known;
  for (auto& storage : find_storages(object, file.name())) known.emplace(storage.key, storage);
  const auto* list = keys.as<PickleList>(keys.root);
  if (!list) file.fail("has no list of storages");
  std::map<std::string, Place> places;
  for (const PickleRef ref : list->items) {
    const auto* key = keys.as<std::string>(ref);
    const auto found = key ? known.find(*key) : known.end();
    if (found == known.end()) file.fail("lists a storage that no tensor uses");
    const StorageRecord& storage = found->second;
    const std::string count = file.read_at(offset, sizeof(std::int64_t));
    if (ByteCursor(count, file.name()).number<std::int64_t>() != storage.elements)
      file.fail("storage '" + storage.key + "' has another number of elements than its tensors say");
    offset += count.size();
    if (static_cast<std::uint64_t>(storage.elements) > (file.size() - offset) / storage.dtype->bytes)
      file.fail("the file is cut short: storage '" + storage.key + "' is not all there");
    if (!places.emplace(*key, Place{offset, storage}).second)
      file.fail("storage '" + *key + "' is there twice");
    offset += static_cast<std::uint64_t>(storage.elements) * storage.dtype->bytes;
  }
  return places;
}

}  // namespace

bool is_pth_legacy(std::string_view first_bytes) { return first_bytes.starts_with(magic); }

StateDict read_pth_legacy(const InputFile& file) {
  const std::string head = file.read_at(0, std::min(file.size(), pickle_limit));
  ByteCursor cursor(head, file.name() + ": its pickles");
  run_pickle(cursor);  // the magic number, which is_pth_legacy() has seen
  const Pickle version = run_pickle(cursor);
  if (const auto* number = version.as<std::int64_t>(version.root); !number || *number != protocol_version)
    file.fail("has another version of the legacy format than 1001");
  check_machine(run_pickle(cursor), file);
  const Pickle object = run_pickle(cursor);
  const auto tensors = find_tensors(object, file.name());
  const Pickle keys = run_pickle(cursor);
  const auto places = locate_storages(keys, object, cursor.position(), file);
  return assemble(tensors, file.name(), [&](const StorageRecord& storage) {
    const auto found = places.find(storage.key);
    if (found == places.end()) file.fail("has no bytes for storage '" + storage.key + "'");
    if (found->second.storage.dtype != storage.dtype || found->second.storage.elements != storage.elements)
      file.fail("storage '" + storage.key + "' is described in two ways");
    at::Tensor tensor = allocate({storage.elements}, storage.dtype->type);
    file.read_at(found->second.offset, writable_bytes(tensor));
    return tensor;
  });
}

}  // namespace amltrain::engine
