#include "transfer/entry_name.hpp"

#include <algorithm>

#include "support/error.hpp"
#include "support/json.hpp"

namespace amltrain {
namespace {

[[noreturn]] void refuse(std::string_view name, const char* why) {
  throw Error(category::bad_input, "archive entry '" + shown_name(name) + "' " + why,
              "nothing was kept of the archive; pack it again without such entries if you trust it");
}

}  // namespace

std::string shown_name(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : name.substr(0, 200)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 32 && byte < 127)
      out += c;
    else
      out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return name.size() > 200 ? out + "..." : out;
}

std::string clean_entry_name(std::string_view name) {
  if (name.starts_with('/')) refuse(name, "has an absolute path");
  if (std::ranges::any_of(name, [](unsigned char byte) { return byte < 32 || byte == 127; }))
    refuse(name, "has control characters in its name");
  if (!is_utf8(name)) refuse(name, "has a name that is not UTF-8");
  std::string clean;
  for (std::size_t start = 0; start < name.size();) {
    const std::size_t end = std::min(name.find('/', start), name.size());
    const std::string_view part = name.substr(start, end - start);
    if (part == "..") refuse(name, "leaves the folder by '..'");
    if (!part.empty() && part != ".") (clean += clean.empty() ? "" : "/") += part;
    start = end + 1;
  }
  return clean;
}

}  // namespace amltrain
