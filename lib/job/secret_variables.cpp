#include "job/secret_variables.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "snapshot/secrets.hpp"
#include "support/error.hpp"
#include "support/secrets.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr std::array<std::string_view, 5> kOfConnectionStrings{
    "AccountKey=", "SharedAccessKey=", "SharedAccessSignature=", "Password=", "Pwd="};

}  // namespace

bool is_secret_variable(const std::string& name, const std::string& value) {
  const auto held = [&](std::string_view part) { return value.find(part) != std::string::npos; };
  return value == kNotKept || is_name_of_secret(name) || holds_password(value) ||
         std::any_of(kOfConnectionStrings.begin(), kOfConnectionStrings.end(), held) ||
         secret_in_text(value).has_value();
}

Variables recorded_variables(const Variables& variables) {
  Variables recorded = variables;
  for (auto& [name, value] : recorded)
    if (is_secret_variable(name, value)) value = kNotKept;
  return recorded;
}

Variables secret_variables(const Variables& variables) {
  Variables secrets = variables;
  std::erase_if(secrets, [](const auto& one) { return !is_secret_variable(one.first, one.second); });
  return secrets;
}

void recall_secrets(Variables& variables) {
  std::vector<std::string> lacking;
  for (auto& [name, value] : variables) {
    if (value != kNotKept) continue;
    if (const char* own = std::getenv(name.c_str()))
      value = own;
    else
      lacking.push_back(name);
  }
  if (!lacking.empty())
    throw Error(category::bad_input,
                "values of secret variables are not kept, and it needs " + join(lacking, ", "),
                "set them in the environment of this command: export " + lacking.front() + "=...");
}

}  // namespace amltrain
