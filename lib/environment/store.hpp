// Environments of the workspace: each built once, and used again by every run that asks for the same.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "environment/python.hpp"
#include "environment/spec.hpp"
#include "support/lock.hpp"
#include "support/process.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// schema amltrain.environment/1: environments/SHA256.json. It is published when all of environments/SHA256/
/// is on disk: without it the folder counts for nothing.
struct Environment {
  std::string sha256;
  std::filesystem::path folder;  // absolute; an environment can't be moved
  EnvironmentSpec spec;
  Python python;                                // that it was made from
  std::string built_by;                         // "uv 0.9.1", "pip 24.0"
  std::map<std::string, std::string> packages;  // version by name, as installed
};
void to_json(json& out, const Environment& environment);
Environment parse_environment(const json& in);

/// What an environment is known by: the hash of all that it is asked to hold, the Python that it is made
/// from, the kind of machine, and the contents of files that it names by their path. What an index or a
/// folder of
/// --find-links offers is no part of it.
struct EnvironmentKey {
  std::string sha256;
  Python python;
};
/// Throws Error{not_found} when the Python, or a file, is not there.
EnvironmentKey identify_environment(const EnvironmentSpec& spec);

/// Absent when it was not built, not here (the workspace was moved), the Python that it needs has gone, or
/// its document is damaged: it is built again then.
std::optional<Environment> find_environment(const Workspace& workspace, const std::string& sha256);

/// Held by who builds it (locks/environment-SHA256.lock); absent while another process does.
std::optional<FileLock> try_lock_environment(const Workspace& workspace, const std::string& sha256);

/// Held, together with others, by who uses it as long as that lives (locks/environment-SHA256-use.lock); to
/// be had before it is looked for. Absent while it is being built anew.
std::optional<FileLock> try_use_environment(const Workspace& workspace, const std::string& sha256);
/// The same, alone: by who builds it, since that removes what is there. Absent while another process uses it.
std::optional<FileLock> try_lock_unused_environment(const Workspace& workspace, const std::string& sha256);

/// Builds it: by uv if that is in PATH, else by Python's venv and pip, as they are set up on this machine.
/// What they print is appended to `log`. They are started as `model` is, in the caller's process group, and
/// hold `lock` as long as they live, so that no other builds beside one that was left over. Throws
/// Error{run_failed} with the last lines of the builder, Error{environment} when the disk is full,
/// Error{conflict} when a file that it names was changed meanwhile; nothing is left then.
void build_environment(const Workspace& workspace, const EnvironmentSpec& spec, const EnvironmentKey& key,
                       const std::filesystem::path& log, const FileLock& lock, Command model = {});

}  // namespace amltrain
