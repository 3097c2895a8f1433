// Interpreters of this machine.
#pragma once

#include <filesystem>
#include <string>

namespace amltrain {

struct Python {
  std::filesystem::path executable;  // absolute; not a launcher of it
  std::string version;               // "3.11.2"
  std::string build;                 // compiler, date: what tells two of one version apart
};

/// "3", "3.11" or "3.11.2": the first of python3.11, python3 and python in PATH that is of that version. Else
/// a name in PATH or a path; empty: python3. Throws Error{not_found} saying what there is; Error{bad_input}
/// for what is no Python 3.
Python find_python(const std::string& wanted);

}  // namespace amltrain
