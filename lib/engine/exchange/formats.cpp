#include "engine/exchange/formats.hpp"

#include <algorithm>

#include "engine/exchange/pth_reader.hpp"
#include "engine/exchange/safetensors.hpp"

namespace amltrain::engine {
namespace {

bool is_tar(const InputFile& file) {
  constexpr std::uint64_t magic_at = 257;  // POSIX ustar
  return file.size() >= magic_at + 5 && file.read_at(magic_at, 5) == "ustar";
}

StateDict read_by_content(const InputFile& file) {
  const std::string head = file.read_at(0, std::min<std::uint64_t>(file.size(), 32));
  if (head.starts_with("PK\x03\x04")) return read_pth_zip(file);
  if (is_pth_legacy(head)) return read_pth_legacy(file);
  if (head.size() > 8 && head[8] == '{') return read_safetensors(file);
  if (is_tar(file))
    file.fail("has the tar form that torch 0.1 wrote", "load and save it again with a newer torch");
  if (head.starts_with("<!") || head.starts_with("<h"))
    file.fail("is a web page, not weights", "download the file itself");
  file.fail("is neither a .pth/.pt file of torch.save nor safetensors");
}

}  // namespace

StateDict read_weights(const std::filesystem::path& path) { return read_by_content(InputFile(path)); }

}  // namespace amltrain::engine
