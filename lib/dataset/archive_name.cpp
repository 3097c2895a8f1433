#include "dataset/archive_name.hpp"

namespace amltrain {

std::string name_of_archive(std::string_view source) {
  if (source.find("://") != source.npos) source = source.substr(0, source.find_first_of("?#"));
  while (source.ends_with('/')) source.remove_suffix(1);
  source.remove_prefix(source.find_last_of('/') + 1);
  // The double endings first.
  for (const std::string_view ending : {".tar.gz", ".tar.zst", ".tar.bz2", ".tar.xz", ".tar.lz4", ".zip",
                                        ".tar", ".tgz", ".tzst", ".tbz2", ".txz"}) {
    if (source.size() > ending.size() && source.ends_with(ending)) {
      source.remove_suffix(ending.size());
      break;
    }
  }
  return std::string(source);
}

bool is_macos_metadata(std::string_view entry) {
  const std::string_view name = entry.substr(entry.find_last_of('/') + 1);
  return entry == "__MACOSX" || entry.starts_with("__MACOSX/") || name == ".DS_Store" ||
         name.starts_with("._");
}

}  // namespace amltrain
