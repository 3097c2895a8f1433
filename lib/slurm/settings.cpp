#include "slurm/settings.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

/// What a run's job has of amltrain: with another it would not be found, not be ended or not be a job.
constexpr std::array<std::string_view, 22> kOwn{
    "--array",    "-a",          "--clusters", "-M",       "-W",      "--chdir", "-D",       "--dependency",
    "-d",         "--export",    "--job-name", "-J",       "--nodes", "-N",      "--output", "-o",
    "--parsable", "--partition", "-p",         "--signal", "--wait",  "--wrap"};

/// "--name=value" as "--name", "-Nvalue" as "-N".
std::string_view option_of(std::string_view argument) {
  return argument.starts_with("--") ? argument.substr(0, argument.find('=')) : argument.substr(0, 2);
}

/// As getopt_long() reads it: the beginning of a long one will do.
bool is_own(std::string_view option) {
  const bool is_long = option.starts_with("--") && option.size() > 2;
  return std::ranges::any_of(
      kOwn, [&](std::string_view own) { return is_long ? own.starts_with(option) : own == option; });
}

void require_word(const char* what, const std::string& word) {
  const bool plain =
      std::ranges::all_of(word, [](unsigned char c) { return c > ' ' && c != ',' && c != 127; });
  if (!plain || word.starts_with('-'))
    throw Error(category::bad_input, std::string(what) + " '" + printable(word) + "' is no name of Slurm's");
}

}  // namespace

void to_json(json& out, const SlurmSettings& settings) {
  const auto or_null = [](const std::string& text) { return text.empty() ? json(nullptr) : json(text); };
  out = {{"cluster", settings.cluster},
         {"partition", settings.partition},
         {"account", or_null(settings.account)},
         {"qos", or_null(settings.qos)},
         {"arguments", settings.arguments}};
}

SlurmSettings parse_slurm_settings(const json& in) {
  return {field<std::string>(in, "partition"), field_or<std::string>(in, "account", ""),
          field_or<std::string>(in, "qos", ""), field<std::vector<std::string>>(in, "arguments"),
          field<std::string>(in, "cluster")};
}

void require_settings(const SlurmSettings& settings) {
  if (settings.partition.empty())
    throw Error(category::bad_input, "a compute target of kind slurm has no partition",
                "name it with --partition; sinfo lists what there is");
  require_word("partition", settings.partition);
  require_word("account", settings.account);
  require_word("qos", settings.qos);
  for (const std::string& argument : settings.arguments) {
    if (!argument.starts_with('-') || argument.size() < 2)
      throw Error(category::bad_input, "'" + printable(argument) + "' is no option of sbatch",
                  "write option and value as one: --sbatch-arg=--gres=gpu:4");
    if (is_own(option_of(argument)))
      throw Error(category::bad_input, "sbatch's " + std::string(option_of(argument)) + " is set by amltrain",
                  "leave it out; submit has --nodes, --procs-per-node, --timeout and --after");
  }
}

std::string describe(const SlurmSettings& settings) {
  const auto or_none = [](const std::string& text) { return text.empty() ? "-" : text; };
  return "partition=" + settings.partition + " account=" + or_none(settings.account) +
         " qos=" + or_none(settings.qos) + " arguments=" + or_none(join(settings.arguments, " "));
}

}  // namespace amltrain
