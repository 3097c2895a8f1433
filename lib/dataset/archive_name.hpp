// What an archive's name and its entries' names say.
#pragma once

#include <string>
#include <string_view>

namespace amltrain {

/// "https://host/a/birds.tar.gz?x=1" and "a/birds.zip" give "birds".
std::string name_of_archive(std::string_view source);

/// What macOS packs beside the files: __MACOSX/, .DS_Store, and ._NAME, which looks like an image but is
/// none.
bool is_macos_metadata(std::string_view entry);

}  // namespace amltrain
