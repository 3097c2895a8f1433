// What every command gets: the workspace, the output format, and the two streams.
// Standard output carries the result alone; all else goes to standard error (docs/contract.md).
#pragma once

#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "support/error.hpp"
#include "support/json_text.hpp"
#include "workspace/workspace.hpp"

namespace amltrain::cli {

class Context {
 public:
  /// Looks through the words for `--output json` first, so that even an error in the words is told as JSON.
  Context(int argc, const char* const* argv);

  std::optional<std::filesystem::path> chosen_workspace;  // --workspace
  std::string output;                                     // --output: "text" or "json"
  std::string_view named_subcommand;                      // that a group may declare alone
  int exit_code = 0;                                      // of the program when the command returns

  bool json_output() const { return output == "json"; }

  /// Found on first use. Throws Error{not_found} outside of one.
  const Workspace& workspace();
  /// For commands that work without one: absent when none was named and none is around.
  std::optional<Workspace> workspace_if_any() const;

  /// The result: `document` with --output json, else what `text` writes.
  void print(const json& document, const std::function<void(std::ostream&)>& text) const;
  /// One document a line, for streams.
  void print_line(const json& document) const;
  std::ostream& out() const;

  /// A line for the person who watches; left out with --output json, where standard error is for a program to
  /// read.
  void notice(const std::string& line) const;

  /// Writes out what is buffered. Throws Error{environment} when standard output does not take it.
  void flush() const;

  /// "amltrain: MESSAGE" and the hint below it, or {"error": {...}}.
  void report(std::string_view category_name, std::string_view message, std::string_view hint) const;
  void report(const Error& error) const { report(name_of(error.kind()), error.what(), error.hint()); }

 private:
  std::optional<Workspace> workspace_;
};

/// {"schema": `schema`, "items": [...]}
template <typename Items>
json list_document(std::string_view schema, const Items& items) {
  json array = json::array();
  for (const auto& item : items) array.push_back(item);
  return {{"schema", schema}, {"items", std::move(array)}};
}

/// A value for people: text as it is, all else as JSON.
std::string plain_text(const json& value);

}  // namespace amltrain::cli
