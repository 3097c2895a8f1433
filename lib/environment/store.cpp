#include "environment/store.hpp"

#include <sys/utsname.h>

#include <chrono>

#include "environment/build.hpp"
#include "environment/requirements.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/lock.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema = "amltrain.environment/1";
/// A builder that hangs ends with its run; whoever waits for it can be canceled at any moment.
constexpr std::chrono::hours kPatience{24};

std::string platform() {
  utsname system{};
  return uname(&system) == 0 ? std::string(system.sysname) + " " + system.machine : "";
}

std::string content_hash(const EnvironmentSpec& spec, const Python& python) {
  const json content = {{"python", {python.executable.string(), python.version, python.build}},
                        {"platform", platform()},
                        {"requirements", spec.requirements},
                        {"constraints", spec.constraints},
                        {"files", hash_local_files(spec)}};
  return sha256_of(content.dump());
}

std::optional<Environment> find(const Workspace& workspace, const std::string& sha256) {
  std::error_code absent;
  if (!fs::exists(workspace.environment_file(sha256), absent)) return std::nullopt;
  // The Python that it leads to may have been removed from the machine.
  if (!fs::exists(workspace.environment_folder(sha256) / "bin" / "python", absent)) return std::nullopt;
  return read_environment(workspace, sha256);
}

}  // namespace

void to_json(json& out, const Environment& environment) {
  out = {{"schema", kSchema},
         {"sha256", environment.sha256},
         {"python",
          {{"executable", environment.python.executable.string()},
           {"version", environment.python.version},
           {"build", environment.python.build}}},
         {"requirements", environment.spec.requirements},
         {"constraints", environment.spec.constraints},
         {"built_by", environment.built_by},
         {"packages", environment.packages}};
}

Environment parse_environment(const json& in) {
  require_schema(in, kSchema, "environment");
  const json python = field<json>(in, "python");
  Environment environment;
  environment.sha256 = field<std::string>(in, "sha256");
  environment.python = {field<std::string>(python, "executable"), field<std::string>(python, "version"),
                        field<std::string>(python, "build")};
  environment.spec.requirements = field<std::vector<std::string>>(in, "requirements");
  environment.spec.constraints = field<std::vector<std::string>>(in, "constraints");
  environment.built_by = field<std::string>(in, "built_by");
  environment.packages = field<std::map<std::string, std::string>>(in, "packages");
  return environment;
}

Environment read_environment(const Workspace& workspace, const std::string& sha256) {
  const fs::path document = workspace.environment_file(sha256);
  return parse_environment(parse_json(read_file(document), document.string()));
}

Environment ensure_environment(const Workspace& workspace, const EnvironmentSpec& spec, const fs::path& log) {
  const Python python = find_python(spec.python);
  Environment environment;
  environment.sha256 = content_hash(spec, python);
  environment.spec = spec;
  environment.python = python;
  if (auto built = find(workspace, environment.sha256)) return std::move(*built);

  const fs::path folder = workspace.environment_folder(environment.sha256);
  create_folders(workspace.lock_file("environments").parent_path());
  const FileLock lock =
      FileLock::acquire(workspace.lock_file("environment-" + environment.sha256), kPatience);
  if (auto built = find(workspace, environment.sha256)) return std::move(*built);
  // What a builder that was killed has left. Environments can't be moved, so they are made where they stay,
  // and what says that one is whole is its document.
  fs::remove(workspace.environment_file(environment.sha256));
  fs::remove_all(folder);
  create_folders(folder);
  try {
    environment.built_by = build_environment(folder, python, spec, log);
    environment.packages = installed_packages(folder);
    sync_file_system(open_folder(folder).get());
    publish_file(workspace.environment_file(environment.sha256), json(environment).dump(2) + "\n");
  } catch (const Error&) {
    std::error_code left;
    fs::remove_all(folder, left);
    throw;
  }
  return environment;
}

}  // namespace amltrain
