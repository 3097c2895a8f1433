// The text of --help, the same for every command.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace amltrain::cli {

class HelpFormatter : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* command, std::string name, CLI::AppFormatMode mode) const override;
};

/// `text` in lines of at most `width` characters; lines after the first begin with `indent` blanks.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent);

}  // namespace amltrain::cli
