#include "environment/store.hpp"

#include <sys/stat.h>
#include <sys/utsname.h>

#include "environment/build.hpp"
#include "environment/requirements.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/json_text.hpp"
#include "support/sealed.hpp"
#include "support/umask.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema = "amltrain.environment/1";

std::string platform() {
  utsname system{};
  return uname(&system) == 0 ? std::string(system.sysname) + " " + system.machine : "";
}

std::string content_hash(const EnvironmentSpec& spec, const Python& python) {
  const json content = {{"python", python},
                        {"platform", platform()},
                        {"requirements", spec.requirements},
                        {"constraints", spec.constraints},
                        {"files", hash_local_files(spec)}};
  return sha256_of(lossy_text(content));
}

/// Its programs may be anybody's then: it was built by an earlier version, under an umask that lets others
/// write.
bool may_be_written_by_others(const fs::path& folder) {
  struct stat status {};
  return stat(folder.c_str(), &status) == 0 && (status.st_mode & kOthersMayWrite) != 0;
}

/// In a folder that is there.
fs::path made_lock_file(const Workspace& workspace, const std::string& name) {
  fs::path file = workspace.lock_file(name);
  create_folders(file.parent_path());
  return file;
}

}  // namespace

void to_json(json& out, const Environment& environment) {
  out = {{"schema", kSchema},
         {"sha256", environment.sha256},
         {"folder", environment.folder.string()},
         {"python", environment.python},
         {"requirements", environment.spec.requirements},
         {"constraints", environment.spec.constraints},
         {"built_by", environment.built_by},
         {"packages", environment.packages}};
}

Environment parse_environment(const json& in) {
  require_schema(in, kSchema, "environment");
  Environment environment;
  environment.sha256 = field<std::string>(in, "sha256");
  environment.folder = field<std::string>(in, "folder");
  environment.python = parse_python(field<json>(in, "python"));
  environment.spec.requirements = field<std::vector<std::string>>(in, "requirements");
  environment.spec.constraints = field<std::vector<std::string>>(in, "constraints");
  environment.built_by = field<std::string>(in, "built_by");
  environment.packages = field<std::map<std::string, std::string>>(in, "packages");
  return environment;
}

EnvironmentKey identify_environment(const EnvironmentSpec& spec) {
  Python python = find_python(spec.python);
  std::string sha256 = content_hash(spec, python);
  return {std::move(sha256), std::move(python)};
}

std::optional<Environment> find_environment(const Workspace& workspace, const std::string& sha256) {
  const fs::path document = workspace.environment_file(sha256), folder = workspace.environment_folder(sha256);
  std::error_code absent;
  if (!fs::exists(document, absent) || !fs::exists(folder / "bin" / "python", absent)) return std::nullopt;
  if (may_be_written_by_others(folder)) return std::nullopt;
  try {
    Environment environment = parse_environment(read_document(document, kSchema));
    if (environment.sha256 != sha256 || !fs::equivalent(environment.folder, folder, absent))
      return std::nullopt;
    environment.folder = folder;
    return environment;
  } catch (const Error& problem) {
    if (problem.kind() != category::bad_input && problem.kind() != category::not_found) throw;
    return std::nullopt;  // damaged, or freed meanwhile
  }
}

std::optional<FileLock> try_lock_environment(const Workspace& workspace, const std::string& sha256) {
  return FileLock::try_acquire(made_lock_file(workspace, "environment-" + sha256));
}

std::optional<FileLock> try_use_environment(const Workspace& workspace, const std::string& sha256) {
  return FileLock::try_acquire_shared(made_lock_file(workspace, "environment-" + sha256 + "-use"));
}

std::optional<FileLock> try_lock_unused_environment(const Workspace& workspace, const std::string& sha256) {
  return FileLock::try_acquire(made_lock_file(workspace, "environment-" + sha256 + "-use"));
}

void build_environment(const Workspace& workspace, const EnvironmentSpec& spec, const EnvironmentKey& key,
                       const fs::path& log, const FileLock& lock, Command model) {
  model.inherited_fds.push_back(lock.fd());
  Environment environment;
  environment.sha256 = key.sha256;
  environment.folder = workspace.environment_folder(key.sha256);
  environment.spec = spec;
  environment.python = key.python;
  // What a builder that was killed has left. An environment can't be moved, so it is made where it stays, and
  // what says that it is whole is its document: that goes first here, and comes last.
  fs::remove(workspace.environment_file(key.sha256));
  fs::remove_all(environment.folder);
  create_folders(environment.folder);
  try {
    environment.built_by = make_virtual_environment(environment.folder, key.python, spec, log, model);
    environment.packages = installed_packages(environment.folder);
    if (content_hash(spec, key.python) != key.sha256)
      throw Error(category::conflict, "a file that the environment's requirements name was changed meanwhile",
                  "submit it again");
    sync_file_system(open_folder(environment.folder).get());
    publish_file(workspace.environment_file(key.sha256), sealed_text(environment));
  } catch (const Error&) {
    std::error_code left;
    fs::remove_all(environment.folder, left);
    throw;
  }
}

}  // namespace amltrain
