#include <algorithm>
#include <charconv>

#include "registry/model.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

bool is_name(const std::string& text) try {
  require_name("model", text);
  return true;
} catch (const Error&) {
  return false;
}

/// "latest" leaves the version open; anything but that or a positive number is no reference.
std::optional<ModelReference> with_version(const std::string& name, std::string_view version) {
  ModelReference reference{name, std::nullopt};
  if (version == "latest") return reference;
  int number = 0;
  const char* const end = version.data() + version.size();
  const auto [stop, problem] = std::from_chars(version.data(), end, number);
  if (problem != std::errc() || stop != end || number < 1) return std::nullopt;
  reference.version = number;
  return reference;
}

}  // namespace

std::optional<ModelReference> parse_model_reference(const std::string& text) {
  std::string_view rest = text;
  for (const std::string_view scheme : {"models:/", "azureml:"}) {
    if (!rest.starts_with(scheme)) continue;
    rest.remove_prefix(scheme.size());
    break;
  }
  const std::size_t separator = rest.find_first_of(":/@");
  const std::string name(rest.substr(0, separator));
  if (!is_name(name)) return std::nullopt;
  if (separator == rest.npos) return ModelReference{name, std::nullopt};
  const std::string_view version = rest.substr(separator + 1);
  if (rest[separator] == '@' && version != "latest") return std::nullopt;
  return with_version(name, version);
}

}  // namespace amltrain
