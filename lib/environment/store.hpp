// Environments of the workspace: each built once, and used again by every run that asks for the same.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "environment/python.hpp"
#include "environment/spec.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// schema amltrain.environment/1: environments/SHA256.json. It is published when all of environments/SHA256/
/// is on disk: without it the folder counts for nothing.
struct Environment {
  std::string sha256;  // over what it was asked to hold, Python, platform and contents of local files
  EnvironmentSpec spec;
  Python python;                                // that it was made from
  std::string built_by;                         // "uv 0.9.1", "pip 24.0"
  std::map<std::string, std::string> packages;  // version by name, as installed
};
void to_json(json& out, const Environment& environment);
Environment parse_environment(const json& in);

/// The environment for `spec`, which is built where it is not there: by uv if that is in PATH, else by
/// Python's venv and pip, as they are set up on this machine. What they print is appended to `log`. Waits for
/// another process that builds the same; of any number at once one builds. Its children are in the caller's
/// process group and die with it. Throws Error{not_found} when there is no such Python; Error{run_failed}
/// with the last lines of the builder; Error{environment} when the disk is full.
Environment ensure_environment(const Workspace& workspace, const EnvironmentSpec& spec,
                               const std::filesystem::path& log);

/// Throws Error{not_found} when it is not there.
Environment read_environment(const Workspace& workspace, const std::string& sha256);

}  // namespace amltrain
