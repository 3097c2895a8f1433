#include "context.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "support/text.hpp"

namespace amltrain::cli {
namespace {

constexpr std::string_view kName = "amltrain: ", kBelowName = "          ";

/// Each line of the text on one of its own, below the first.
void print_lines(std::string_view prefix, std::string_view text) {
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::cerr << prefix << printable(text.substr(start, end - start)) << '\n';
    prefix = kBelowName;
    start = end + 1;
  }
}

}  // namespace

Context::Context(int argc, const char* const* argv) : output("text") {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") break;
    if (word == "--output" && i + 1 < argc) output = argv[i + 1];
    if (word.starts_with("--output=")) output = word.substr(std::strlen("--output="));
  }
}

const Workspace& Context::workspace() {
  if (!workspace_) workspace_ = Workspace::find(chosen_workspace);
  return *workspace_;
}

std::optional<Workspace> Context::workspace_if_any() const {
  try {
    return Workspace::find(chosen_workspace);
  } catch (const Error& error) {
    if (chosen_workspace || error.kind() != category::not_found) throw;
    return std::nullopt;
  }
}

void Context::print(const json& document, const std::function<void(std::ostream&)>& text) const {
  if (json_output()) {
    std::cout << lossy_text(document, 2) << '\n';
  } else {
    text(std::cout);
  }
}

void Context::print_line(const json& document) const {
  std::cout << lossy_text(document) << '\n' << std::flush;
}

std::ostream& Context::out() const { return std::cout; }

void Context::notice(const std::string& line) const {
  if (!json_output()) std::cerr << line << '\n';
}

void Context::flush() const {
  errno = 0;
  std::cout.flush();
  if (!std::cout) {
    throw Error(category::environment,
                std::string("can't write to standard output: ") + std::strerror(errno ? errno : EIO),
                "the command itself was carried out; look at its effect before you repeat it");
  }
}

void Context::report(std::string_view category_name, std::string_view message, std::string_view hint) const {
  if (json_output()) {
    std::cerr << lossy_text({{"error", {{"category", category_name}, {"message", message}, {"hint", hint}}}})
              << '\n';
    return;
  }
  print_lines(kName, message);
  if (!hint.empty()) print_lines(kBelowName, hint);
}

std::string plain_text(const json& value) {
  return value.is_string() ? value.get<std::string>() : lossy_text(value);
}

}  // namespace amltrain::cli
