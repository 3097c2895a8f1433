// What a Python environment is asked to hold.
#pragma once

#include <string>
#include <vector>

#include "support/json.hpp"

namespace amltrain {

/// In a job: {"python", "requirements", "constraints"}.
struct EnvironmentSpec {
  std::string python;                     // "3.11", a name in PATH, or an absolute path; empty: python3
  std::vector<std::string> requirements;  // lines of a requirements file (pip's requirements file format)
  std::vector<std::string> constraints;   // of a constraints file

  bool empty() const { return python.empty() && requirements.empty() && constraints.empty(); }
  bool operator==(const EnvironmentSpec&) const = default;
};
void to_json(json& out, const EnvironmentSpec& spec);

/// "numpy>=1.20,<2,pillow[jpeg,webp]" as {"numpy>=1.20,<2", "pillow[jpeg,webp]"}: a comma parts packages
/// where what follows begins a name. Throws Error{bad_input} for one that is no requirement.
std::vector<std::string> split_packages(const std::string& text);

}  // namespace amltrain
