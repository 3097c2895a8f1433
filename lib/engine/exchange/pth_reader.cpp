#include "engine/exchange/pth_reader.hpp"

#include <ATen/ops/as_strided.h>

#include <map>

#include "engine/exchange/refuse.hpp"

namespace amltrain::engine {

StateDict assemble(const std::vector<TensorRecord>& records, const std::string& origin,
                   const std::function<at::Tensor(const StorageRecord&)>& load) {
  std::map<std::string, at::Tensor> storages;
  StateDict state;
  for (const TensorRecord& record : records) {
    auto found = storages.find(record.storage.key);
    if (found == storages.end()) found = storages.emplace(record.storage.key, load(record.storage)).first;
    const at::Tensor& storage = found->second;
    if (storage.scalar_type() != record.storage.dtype->type || storage.numel() != record.storage.elements)
      refuse(origin, "storage '" + record.storage.key + "' is described in two ways");
    state.entries.emplace_back(record.name,
                               at::as_strided(storage, record.sizes, record.strides, record.offset));
  }
  return state;
}

}  // namespace amltrain::engine
