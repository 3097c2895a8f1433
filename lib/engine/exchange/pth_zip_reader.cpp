// Layout (torch/serialization.py, _save): NAME/data.pkl holds the pickle, NAME/byteorder "little" or "big",
// NAME/data/KEY the bytes of each storage. A TorchScript archive has NAME/constants.pkl besides.
#include <algorithm>

#include "engine/exchange/pickle_machine.hpp"
#include "engine/exchange/pth_reader.hpp"
#include "engine/exchange/tensor_bytes.hpp"
#include "engine/exchange/zip_container.hpp"

namespace amltrain::engine {
namespace {

/// "NAME/" of the entry NAME/data.pkl.
std::string find_folder(const ZipContainer& zip, const InputFile& file) {
  constexpr std::string_view suffix = "/data.pkl";
  std::string folder;
  for (const auto& [name, entry] : zip.entries()) {
    if (!name.ends_with(suffix) || std::ranges::count(name, '/') != 1) continue;
    if (!folder.empty()) file.fail("holds two pickles");
    folder = name.substr(0, name.size() - suffix.size() + 1);
  }
  if (folder.empty())
    file.fail("is a zip file without data.pkl, so not written by torch.save",
              "unpack it if it is an archive of weights");
  return folder;
}

}  // namespace

StateDict read_pth_zip(const InputFile& file) {
  const ZipContainer zip(file);
  const std::string folder = find_folder(zip, file);
  if (zip.find(folder + "constants.pkl"))
    file.fail("is a TorchScript module, not a state dict",
              "in Python: torch.save(torch.jit.load(FILE).state_dict(), 'weights.pth')");
  if (const ZipEntry* order = zip.find(folder + "byteorder"); order && zip.read(*order, 16) != "little")
    file.fail("was written on a big-endian machine", "load and save it again on a little-endian one");

  const std::string bytes = zip.read(*zip.find(folder + "data.pkl"), pickle_limit);
  ByteCursor cursor(bytes, file.name() + ": its pickle");
  const Pickle pickle = run_pickle(cursor);
  return assemble(find_tensors(pickle, file.name()), file.name(), [&](const StorageRecord& storage) {
    const ZipEntry* entry = zip.find(folder + "data/" + storage.key);
    if (!entry) file.fail("has no entry for storage '" + storage.key + "'");
    // The entry lies inside the file, so its size bounds what is allocated.
    if (entry->size / storage.dtype->bytes != static_cast<std::uint64_t>(storage.elements) ||
        entry->size % storage.dtype->bytes != 0)
      file.fail("storage '" + storage.key + "' has " + std::to_string(entry->size) + " bytes, not " +
                std::to_string(storage.elements) + " elements");
    at::Tensor tensor = allocate({storage.elements}, storage.dtype->type);
    zip.read(*entry, writable_bytes(tensor));
    return tensor;
  });
}

}  // namespace amltrain::engine
