#include "engine/exchange/formats.hpp"
#include "engine/exchange/safetensors_layout.hpp"
#include "engine/exchange/tensor_bytes.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"

namespace amltrain::engine {

std::string write_safetensors(const std::filesystem::path& file, const StateDict& state,
                              const std::map<std::string, std::string>& metadata) {
  const SafetensorsLayout layout = lay_out_safetensors(state, metadata, file.string());
  AtomicFile out(file);
  Sha256 hash;
  const auto write = [&](std::span<const std::byte> bytes) {
    out.write(bytes);
    hash.update(bytes);
  };
  write(std::as_bytes(std::span(layout.head)));
  for (const SafetensorsLayout::Place& place : layout.places)
    write(bytes_of(state.entries[place.entry].second.contiguous()));
  out.commit();
  return hash.finish();
}

}  // namespace amltrain::engine
