// The part of a conda environment file that a virtual environment can hold.
#pragma once

#include <filesystem>
#include <string>

#include "environment/spec.hpp"
#include "support/json.hpp"

namespace amltrain {

/// Of `dependencies`: python=VERSION and the lists under `pip`, whose paths are seen from `folder`; pip
/// itself is this machine's, whatever its version. `name`, `channels` and `prefix` mean nothing here. Throws
/// Error{bad_input} calling the document `origin` for any other package, which only conda could install, and
/// any other field; as add_requirements() for what `pip` lists.
EnvironmentSpec read_conda_file(const json& document, const std::filesystem::path& folder,
                                const std::string& origin);

}  // namespace amltrain
