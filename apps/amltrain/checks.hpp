// What an option's value must be; each says in its message what it wants.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace amltrain::cli {

CLI::Validator whole_number(long long least, long long most);
/// The word, or what whole_number() takes.
CLI::Validator whole_number_or(const std::string& word, long long least, long long most);
CLI::Validator real_number(double least, double most);
/// Exactly one of the words of `option`'s argument "a|b|c", which this also sets.
void one_of(CLI::Option* option, const std::vector<std::string>& words);
/// "90", "90s", "20m", "2h", "1d"
CLI::Validator duration();
/// The same for what a run is given: one second at least, as in a job file.
CLI::Validator time_limit();
/// KEY=VALUE with a KEY
CLI::Validator key_value();
/// For all options and positionals of `command` and those below it: an empty value is most often a variable
/// of the shell that isn't set, and would count as an option that isn't given. Descriptions and words for
/// other programs may be empty.
void refuse_empty_values(CLI::App& command);
/// The same for "--data=", of which CLI11 makes --data with the word that follows.
void refuse_empty_values(std::span<char* const> words);

/// The values of options that passed the checks above.
std::optional<std::chrono::seconds> to_duration(const std::string& text);  // empty: absent
std::map<std::string, std::string> to_map(const std::vector<std::string>& pairs);

}  // namespace amltrain::cli
