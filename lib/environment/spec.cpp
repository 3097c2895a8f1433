#include "environment/spec.hpp"

#include "support/error.hpp"

namespace amltrain {
namespace {

bool begins_a_name(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9');
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

void to_json(json& out, const EnvironmentSpec& spec) {
  out = json::object();
  if (!spec.python.empty()) out["python"] = spec.python;
  if (!spec.requirements.empty()) out["requirements"] = spec.requirements;
  if (!spec.constraints.empty()) out["constraints"] = spec.constraints;
}

std::vector<std::string> split_packages(const std::string& text) {
  std::vector<std::string> packages;
  bool in_brackets = false;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const bool end = at == text.size();
    if (!end && text[at] == '[') in_brackets = true;
    if (!end && text[at] == ']') in_brackets = false;
    if (!end && (text[at] != ',' || in_brackets)) continue;
    const std::size_t next = end ? at : text.find_first_not_of(" \t", at + 1);
    // "<2" of "numpy>=1.20,<2" goes on with the package before.
    if (!end && next != std::string::npos &&
        std::string_view("<>=!~").find(text[next]) != std::string_view::npos)
      continue;
    const std::string package = trimmed(text.substr(begin, at - begin));
    if (package.empty() || !begins_a_name(package.front()))
      throw Error(
          category::bad_input, "'" + package + "' in '" + text + "' is no package",
          "write packages as in: --pip-packages 'numpy==1.26.4,pillow'; files go into --requirements FILE");
    packages.push_back(package);
    begin = at + 1;
  }
  return packages;
}

}  // namespace amltrain
