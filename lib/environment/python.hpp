// Interpreters of this machine.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "support/json.hpp"

namespace amltrain {

struct Python {
  std::filesystem::path executable;  // absolute, as it names itself
  std::string version;               // "3.11.2"
  std::string build;                 // compiler and date: what tells two of one version apart
};
void to_json(json& out, const Python& python);
Python parse_python(const json& in);

/// "3.11" and the like, as against a name or a path.
bool is_python_version(const std::string& wanted);

/// "3", "3.11" or "3.11.2": the first of python3.11, python3 and python in PATH that is of that version. Else
/// a name in PATH or a path; empty: python3. Throws Error{not_found} for one that is not there, or is no
/// Python 3, saying what there is.
Python find_python(const std::string& wanted);

/// What a program gets that an interpreter runs.
struct PythonInUse {
  std::string version;
  std::map<std::string, std::string> packages;  // version by name
};
/// `program` is a name in PATH or a path; `environment` is added to this process's own. Absent when it is no
/// Python 3, or gives no answer within seconds.
std::optional<PythonInUse> look_into_python(const std::string& program,
                                            const std::map<std::string, std::string>& environment);

}  // namespace amltrain
