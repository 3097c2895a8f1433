// How other hosts are reached: the user's ssh, which must need no password there.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace amltrain {

/// For ssh, and for the one that mpirun starts; `config`: a file for its -F, or empty. None has a space.
std::vector<std::string> ssh_options(const std::string& config,
                                     std::chrono::seconds connect_patience = std::chrono::seconds(5));

/// How a problem begins that is none of ssh's own.
inline constexpr std::string_view kNoAnswer = "no answer within ";

struct SshAnswer {
  std::string text;     // of the command's standard output
  std::string problem;  // why there is none: ssh's last line, or that it took too long; empty: none
  int code = 0;         // of the command
};
/// Runs `command`, words for the shell there, on a host. `options`: ssh_options(). Standard error goes to the
/// file `errors`.
SshAnswer ask_by_ssh(const std::string& host, const std::vector<std::string>& options,
                     const std::string& command, const std::filesystem::path& errors,
                     std::chrono::milliseconds patience);

}  // namespace amltrain
