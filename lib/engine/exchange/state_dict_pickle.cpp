#include "engine/exchange/state_dict_pickle.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "engine/exchange/refuse.hpp"

namespace amltrain::engine {
namespace {

constexpr const char* how_to_save =
    "save the weights alone in Python: torch.save(model.state_dict(), 'weights.pth')";
constexpr std::size_t most_dimensions = 8;

class Reading {
 public:
  Reading(const Pickle& pickle, const std::string& origin) : pickle_(pickle), origin_(origin) {}

  /// The items of a dict or an OrderedDict; nothing for any other value.
  std::optional<PickleItems> dictionary(PickleRef ref) const {
    if (const auto* dict = pickle_.as<PickleDict>(ref)) return dict->items;
    const auto* call = pickle_.as<PickleCall>(ref);
    if (!call || pickle_.global(call->callable) != "collections.OrderedDict") return std::nullopt;
    PickleItems items;
    // Python 2 passed the entries to the constructor as a list of pairs; Python 3 sets them afterwards.
    const auto* arguments = pickle_.as<PickleTuple>(call->arguments);
    if (arguments && arguments->items.size() == 1)
      for (const PickleRef entry : sequence(arguments->items[0])) {
        const auto pair = sequence(entry);
        if (pair.size() != 2) fail("has an OrderedDict of something else than pairs");
        items.emplace_back(pair[0], pair[1]);
      }
    items.insert(items.end(), call->items.begin(), call->items.end());
    return items;
  }

  TensorRecord tensor(PickleRef ref, const std::string& name) const {
    const auto* call = pickle_.as<PickleCall>(ref);
    const std::string_view maker = call ? pickle_.global(call->callable) : std::string_view();
    const auto arguments = call ? sequence(call->arguments) : std::vector<PickleRef>();
    // A parameter wraps a tensor; one that wraps another parameter (a pickle may be cyclic) falls through.
    if (makes_parameter(ref) && !arguments.empty() && !makes_parameter(arguments[0]))
      return tensor(arguments[0], name);
    if (maker == "torch._utils._rebuild_tensor_v3")
      fail(
          "'" + name + "' is of a kind that torch writes as _rebuild_tensor_v3 (float8, uint16 and the like)",
          "convert it in Python first: tensor.float()");
    if ((maker != "torch._utils._rebuild_tensor_v2" && maker != "torch._utils._rebuild_tensor") ||
        arguments.size() < 4)
      fail("'" + name + "' is not a tensor but " + pickle_.describe(ref), how_to_save);
    const auto* id = pickle_.as<PicklePersistent>(arguments[0]);
    if (!id) fail("'" + name + "' has no storage", how_to_save);
    TensorRecord record{name, storage(id->id), integer(arguments[1], name), integers(arguments[2], name),
                        integers(arguments[3], name)};
    check_reach(record);
    return record;
  }

  /// ('storage', torch.FloatStorage, key, location, elements[, view of a storage]).
  StorageRecord storage(PickleRef id) const {
    const auto parts = sequence(id);
    const auto* tag = parts.size() >= 5 ? pickle_.as<std::string>(parts[0]) : nullptr;
    const auto* key = tag && *tag == "storage" ? pickle_.as<std::string>(parts[2]) : nullptr;
    const auto* elements = key ? pickle_.as<std::int64_t>(parts[4]) : nullptr;
    if (!elements) fail("a storage is described in an unknown way");
    if (parts.size() > 5 && !pickle_.as<PickleNone>(parts[5]))
      fail("storage '" + *key + "' is a view of another (a form of torch before 0.4)",
           "load and save the file again with a newer torch");
    const std::string_view global = pickle_.global(parts[1]);
    const Dtype* dtype = nullptr;
    for (const std::string_view module : {"torch.cuda.", "torch."})
      if (!dtype && global.starts_with(module)) dtype = find_storage(global.substr(module.size()));
    if (!dtype)
      fail("storage '" + *key + "' is of the unsupported type " + pickle_.describe(parts[1]),
           "convert the tensors in Python first: tensor.float()");
    if (*elements < 0) fail("storage '" + *key + "' has a negative size");
    return {*key, dtype, *elements};
  }

  [[noreturn]] void fail(const std::string& problem, const std::string& hint = "") const {
    refuse(origin_, problem, hint);
  }

 private:
  std::vector<PickleRef> sequence(PickleRef ref) const {
    if (const auto* tuple = pickle_.as<PickleTuple>(ref)) return tuple->items;
    if (const auto* list = pickle_.as<PickleList>(ref)) return list->items;
    return {};
  }

  bool makes_parameter(PickleRef ref) const {
    const auto* call = pickle_.as<PickleCall>(ref);
    return call && pickle_.global(call->callable).starts_with("torch._utils._rebuild_parameter");
  }

  std::int64_t integer(PickleRef ref, const std::string& name) const {
    const auto* value = pickle_.as<std::int64_t>(ref);
    if (!value || *value < 0)
      fail("'" + name + "' has a size, stride or offset that is not a natural number");
    return *value;
  }

  std::vector<std::int64_t> integers(PickleRef ref, const std::string& name) const {
    if (const auto* call = pickle_.as<PickleCall>(ref);
        call && pickle_.global(call->callable) == "torch.Size") {
      const auto arguments = sequence(call->arguments);
      if (arguments.size() == 1) ref = arguments[0];
    }
    if (!pickle_.as<PickleTuple>(ref)) fail("'" + name + "' has no sizes or strides");
    const auto items = sequence(ref);
    if (items.size() > most_dimensions) fail("'" + name + "' has more than 8 dimensions");
    std::vector<std::int64_t> values;
    for (const PickleRef item : items) values.push_back(integer(item, name));
    return values;
  }

  /// The last element that the view reaches must lie in its storage, and no view may be larger than its
  /// storage. 128 bits: each size and stride is below 2^63, and both sums are compared before they can grow
  /// further.
  void check_reach(const TensorRecord& record) const {
    const auto& [name, storage, offset, sizes, strides] = record;
    if (sizes.size() != strides.size()) fail("'" + name + "' has sizes and strides of different lengths");
    __extension__ using Wide = __int128;
    const bool empty = std::ranges::count(sizes, 0) > 0;
    const std::int64_t most =
        empty ? INT64_MAX : storage.elements;  // torch multiplies the sizes of empty ones too
    Wide last = offset, elements = 1;
    bool fits = empty ? last <= storage.elements : last < storage.elements;
    for (std::size_t i = 0; i < sizes.size() && fits; ++i) {
      if (!empty) last += Wide{sizes[i] - 1} * strides[i];
      elements *= std::max<std::int64_t>(sizes[i], 1);
      fits = elements <= most && (empty || last < storage.elements);
    }
    if (!fits)
      fail("'" + name + "' reaches outside its storage of " + std::to_string(storage.elements) + " elements");
  }

  const Pickle& pickle_;
  const std::string& origin_;
};

/// The dictionary that holds the weights: the root, or what a training script put beside its epoch and
/// optimiser.
PickleItems find_state_dict(const Pickle& pickle, const Reading& reading) {
  auto root = reading.dictionary(pickle.root);
  if (!root) reading.fail("holds " + pickle.describe(pickle.root) + ", not a state dict", how_to_save);
  for (const auto& [key, value] : *root) {
    const auto* name = pickle.as<std::string>(key);
    if (!name || (*name != "state_dict" && *name != "model" && *name != "model_state_dict")) continue;
    if (auto inner = reading.dictionary(value)) return *std::move(inner);
    reading.fail("'" + *name + "' holds " + pickle.describe(value) + ", not a state dict", how_to_save);
  }
  return *std::move(root);
}

}  // namespace

std::vector<TensorRecord> find_tensors(const Pickle& pickle, const std::string& origin) {
  const Reading reading(pickle, origin);
  std::vector<TensorRecord> tensors;
  std::set<std::string> names;
  for (const auto& [key, value] : find_state_dict(pickle, reading)) {
    const auto* name = pickle.as<std::string>(key);
    if (!name)
      reading.fail("has " + pickle.describe(key) + " where the name of a tensor should be", how_to_save);
    if (!names.insert(*name).second) reading.fail("'" + *name + "' is there twice");
    tensors.push_back(reading.tensor(value, *name));
  }
  if (tensors.empty()) reading.fail("holds no tensors", how_to_save);
  constexpr std::string_view wrapper = "module.";
  if (std::ranges::all_of(names, [&](const std::string& name) { return name.starts_with(wrapper); }))
    for (auto& tensor : tensors) tensor.name.erase(0, wrapper.size());
  return tensors;
}

std::vector<StorageRecord> find_storages(const Pickle& pickle, const std::string& origin) {
  const Reading reading(pickle, origin);
  std::vector<StorageRecord> storages;
  for (const PickleNode& node : pickle.nodes)
    if (const auto* persistent = std::get_if<PicklePersistent>(&node))
      storages.push_back(reading.storage(persistent->id));
  return storages;
}

}  // namespace amltrain::engine
