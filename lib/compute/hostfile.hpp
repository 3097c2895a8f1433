// The hosts that a user lists in a file, as Open MPI reads it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace amltrain {

struct HostLine {
  std::string name;  // for ssh
  int slots = 0;     // processes that it can have; 0: the file doesn't say, one a core
};

/// A host a line, with `slots=N` where it is said; the rest of a line after '#' counts for nothing. A host of
/// several lines has the slots of all. Throws Error{bad_input} with `origin` and the line for anything else,
/// and when there is no host.
std::vector<HostLine> parse_hostfile(std::string_view text, const std::string& origin);
std::vector<HostLine> read_hostfile(const std::filesystem::path& file);

}  // namespace amltrain
