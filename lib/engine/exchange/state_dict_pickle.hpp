// Finds the state dict in what a checkpoint's pickle says. Everything is refused that is not a plain tensor
// under a text key; the few globals that torch.save writes for tensors are known by name, none is executed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/exchange/dtypes.hpp"
#include "engine/exchange/pickle_value.hpp"

namespace amltrain::engine {

/// A run of elements that the file keeps outside its pickle.
struct StorageRecord {
  std::string key;
  const Dtype* dtype;
  std::int64_t elements;
};

/// A tensor as a view of a storage; offset and strides in elements.
struct TensorRecord {
  std::string name;
  StorageRecord storage;
  std::int64_t offset;
  std::vector<std::int64_t> sizes, strides;
};

/// The tensors of the state dict, in file order: the root itself, or what it holds under "state_dict",
/// "model" or "model_state_dict". The prefix "module." of DistributedDataParallel is taken off when all names
/// have it. Throws Error{bad_input} naming `origin` and the first entry that is not a tensor inside its
/// storage.
std::vector<TensorRecord> find_tensors(const Pickle& pickle, const std::string& origin);

/// Every storage that the pickle names, also those outside the state dict (the legacy format stores them in a
/// row).
std::vector<StorageRecord> find_storages(const Pickle& pickle, const std::string& origin);

}  // namespace amltrain::engine
