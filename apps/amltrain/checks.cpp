#include "checks.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "command_tree.hpp"
#include "support/clock.hpp"
#include "support/error.hpp"
#include "support/text.hpp"
#include "table.hpp"

namespace amltrain::cli {
namespace {

constexpr const char* kEmpty = "the value is empty; is a variable of the shell not set?";

template <typename Number>
std::optional<Number> parse_all(const std::string& text) {
  Number value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

CLI::Validator whole_number(long long least, long long most) {
  return {[least, most](std::string& text) -> std::string {
            const auto value = parse_all<long long>(text);
            if (value && *value >= least && *value <= most) return "";
            return "'" + text + "' is not a whole number from " + std::to_string(least) + " to " +
                   std::to_string(most);
          },
          ""};
}

CLI::Validator whole_number_or(const std::string& word, long long least, long long most) {
  return {[word, number = whole_number(least, most)](std::string& text) -> std::string {
            if (text == word) return "";
            const std::string problem = number(text);
            return problem.empty() ? "" : problem + ", nor " + word;
          },
          ""};
}

CLI::Validator real_number(double least, double most) {
  return {[least, most](std::string& text) -> std::string {
            const auto value = parse_all<double>(text);
            if (value && *value >= least && *value <= most) return "";
            return "'" + text + "' is not a number from " + short_number(least) + " to " + short_number(most);
          },
          ""};
}

void one_of(CLI::Option* option, const std::vector<std::string>& words) {
  option->type_name(join(words, "|"));
  option->check(CLI::Validator(
      [words](std::string& text) -> std::string {
        if (std::find(words.begin(), words.end(), text) != words.end()) return "";
        const auto near = closest(text, words);
        return "'" + text + "' is none of " + join(words, ", ") +
               (near ? "; did you mean " + *near + "?" : "");
      },
      ""));
}

CLI::Validator duration() {
  return {[](std::string& text) -> std::string {
            try {
              parse_duration(text);
              return "";
            } catch (const Error&) {
              return "'" + text + "' is no duration such as 90s, 20m or 2h";
            }
          },
          ""};
}

CLI::Validator time_limit() {
  return {[length = duration()](std::string& text) -> std::string {
            if (std::string problem = length(text); !problem.empty()) return problem;
            return parse_duration(text).count() < 1 ? "'" + text + "': must be at least one second" : "";
          },
          ""};
}

CLI::Validator key_value() {
  return {[](std::string& text) -> std::string {
            const auto equals = text.find('=');
            return equals == std::string::npos || equals == 0 ? "'" + text + "' is not KEY=VALUE" : "";
          },
          ""};
}

void refuse_empty_values(CLI::App& command) {
  static const std::set<std::string> may_be_empty{"--description", "--display-name", "ARGS", "words"};
  static const CLI::Validator is_given(
      [](std::string& text) { return std::string(text.empty() ? kEmpty : ""); }, "");
  for (CLI::Option* const option : command.get_options([](const CLI::Option*) { return true; }))
    if (!is_flag(*option) && !may_be_empty.contains(option->get_name())) option->check(is_given);
  for (CLI::App* const below : command.get_subcommands([](const CLI::App*) { return true; }))
    refuse_empty_values(*below);
}

void refuse_empty_values(std::span<char* const> words) {
  for (const std::string_view word : words) {
    if (word == "--") return;  // behind it are words for other programs
    if (word.starts_with("--") && word.find('=') == word.size() - 1)
      throw Error(category::bad_input, std::string(word.substr(0, word.size() - 1)) + ": " + kEmpty);
  }
}

std::optional<std::chrono::seconds> to_duration(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return parse_duration(text);
}

std::map<std::string, std::string> to_map(const std::vector<std::string>& pairs) {
  std::map<std::string, std::string> map;
  for (const std::string& pair : pairs) {
    const auto equals = pair.find('=');
    map[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return map;
}

}  // namespace amltrain::cli
