#include "job/secret_inputs.hpp"

#include <cstdlib>

#include "job/job_paths.hpp"
#include "support/error.hpp"
#include "support/secrets.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

std::string variable_of(const std::string& input) { return "AMLTRAIN_INPUT_" + input; }

bool is_url(const JobInput& input) { return input.type != "literal" && is_web_address(input.value); }

}  // namespace

std::string recorded_path(const JobInput& input) {
  return is_url(input) ? without_secrets(input.value) : input.value;
}

Variables secret_inputs(const JobDefinition& job) {
  Variables secrets;
  for (const auto& [name, input] : job.inputs)
    if (recorded_path(input) != input.value) secrets[variable_of(name)] = input.value;
  return secrets;
}

void recall_inputs(JobDefinition& job) {
  std::vector<std::string> lacking;
  for (auto& [name, input] : job.inputs) {
    if (!is_url(input) || !lacks_secrets(input.value)) continue;
    const char* own = std::getenv(variable_of(name).c_str());
    if (own == nullptr) {
      lacking.push_back(variable_of(name));
      continue;
    }
    if (without_secrets(own) != input.value)
      throw Error(category::bad_input,
                  variable_of(name) + " holds " + without_secrets(own) + ", and the input is " + input.value,
                  "give the whole URL of the same address");
    input.value = own;
  }
  if (!lacking.empty())
    throw Error(
        category::bad_input,
        "passwords and signatures in URLs of inputs are not kept, and it needs " + join(lacking, ", "),
        "set the whole URL in the environment of this command: export " + lacking.front() + "=...");
}

void take_inputs(JobDefinition& job) {
  recall_inputs(job);
  for (const auto& input : job.inputs) unsetenv(variable_of(input.first).c_str());
}

}  // namespace amltrain
