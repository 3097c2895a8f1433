#include "job/placeholders.hpp"

#include <algorithm>

#include "job/definition.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr std::string_view kOpen = "${{", kClose = "}}";
/// Stands for a placeholder while words are split: a byte that shells, YAML and options have no use for.
constexpr char kMark = '\x01';

Placeholder placeholder_at(std::string_view command, std::size_t begin, Quoting quoting) {
  const std::size_t close = command.find(kClose, begin);
  if (close == std::string_view::npos)
    throw Error(category::bad_input, "a placeholder is not closed in: " + std::string(command.substr(begin)),
                "write ${{inputs.NAME}}");
  std::string_view name = command.substr(begin + kOpen.size(), close - begin - kOpen.size());
  while (name.starts_with(' ')) name.remove_prefix(1);
  while (name.ends_with(' ')) name.remove_suffix(1);
  const std::size_t end = close + kClose.size();
  const std::size_t dot = name.find('.');
  const std::string_view kind = name.substr(0, dot);
  if (dot == std::string_view::npos || (kind != "inputs" && kind != "outputs") ||
      !is_placeholder_name(name.substr(dot + 1)))
    throw Error(category::bad_input,
                "'" + std::string(command.substr(begin, end - begin)) + "' is no placeholder",
                "write ${{inputs.NAME}} or ${{outputs.NAME}}");
  return {begin, end, std::string(name), quoting};
}

/// `value` so that a shell reads it back where `quoting` says.
std::string quoted_for(Quoting quoting, const std::string& value) {
  if (quoting == Quoting::none) return shell_quote(value);
  std::string quoted;
  for (const char c : value) {
    if (quoting == Quoting::single_quotes && c == '\'') {
      quoted += "'\\''";
      continue;
    }
    if (quoting == Quoting::double_quotes && std::string_view("\\\"$`").find(c) != std::string_view::npos)
      quoted += '\\';
    quoted += c;
  }
  return quoted;
}

[[noreturn]] void throw_undefined(const JobDefinition& job, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& input : job.inputs) known.push_back("inputs." + input.first);
  for (const auto& output : job.outputs) known.push_back("outputs." + output.first);
  const auto near = closest(name, known);
  throw Error(
      category::bad_input, "the command uses ${{" + name + "}}, which the job does not define",
      near ? "did you mean ${{" + *near + "}}?" : "add it under " + name.substr(0, name.find('.')) + ":");
}

}  // namespace

std::vector<Placeholder> find_placeholders(std::string_view command) {
  std::vector<Placeholder> found;
  Quoting quoting = Quoting::none;
  for (std::size_t at = 0; at < command.size();) {
    const char c = command[at];
    if (command.substr(at).starts_with(kOpen)) {
      found.push_back(placeholder_at(command, at, quoting));
      at = found.back().end;
      continue;
    }
    if (c == '\\' && quoting != Quoting::single_quotes)
      ++at;  // and what it escapes
    else if (c == '\'' && quoting != Quoting::double_quotes)
      quoting = quoting == Quoting::none ? Quoting::single_quotes : Quoting::none;
    else if (c == '"' && quoting != Quoting::single_quotes)
      quoting = quoting == Quoting::none ? Quoting::double_quotes : Quoting::none;
    ++at;
  }
  return found;
}

bool is_placeholder_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
  });
}

std::optional<std::vector<std::string>> split_with_placeholders(std::string_view command) {
  if (command.find(kMark) != std::string_view::npos) return std::nullopt;
  const std::vector<Placeholder> placeholders = find_placeholders(command);
  std::string marked;
  std::size_t copied = 0;
  for (const Placeholder& placeholder : placeholders) {
    marked += command.substr(copied, placeholder.begin - copied);
    marked += kMark;
    copied = placeholder.end;
  }
  marked += command.substr(copied);

  auto words = split_plain_words(marked);
  if (!words) return std::nullopt;
  auto next = placeholders.begin();
  for (std::string& word : *words) {
    for (std::size_t at = word.find(kMark); at != std::string::npos; at = word.find(kMark, at)) {
      const std::string text = "${{" + (next++)->name + "}}";
      word.replace(at, 1, text);
      at += text.size();
    }
  }
  return words;
}

std::string join_with_placeholders(const std::vector<std::string>& words) {
  std::string command;
  for (const std::string& word : words) {
    if (!command.empty()) command += ' ';
    std::size_t copied = 0;
    for (std::size_t at = word.find(kOpen); at != std::string::npos; at = word.find(kOpen, copied)) {
      const Placeholder placeholder = placeholder_at(word, at, Quoting::none);
      if (at > copied) command += shell_quote(word.substr(copied, at - copied));
      command += word.substr(at, placeholder.end - at);
      copied = placeholder.end;
    }
    if (copied < word.size() || word.empty()) command += shell_quote(word.substr(copied));
  }
  return command;
}

std::string expand_command(const JobDefinition& job, const std::map<std::string, std::string>& values) {
  std::string expanded;
  std::size_t copied = 0;
  for (const Placeholder& placeholder : find_placeholders(job.command)) {
    const auto value = values.find(placeholder.name);
    if (value == values.end()) throw_undefined(job, placeholder.name);
    expanded += std::string_view(job.command).substr(copied, placeholder.begin - copied);
    expanded += quoted_for(placeholder.quoting, value->second);
    copied = placeholder.end;
  }
  return expanded + job.command.substr(copied);
}

}  // namespace amltrain
