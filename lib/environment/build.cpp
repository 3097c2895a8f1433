#include "environment/build.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <vector>

#include "support/capture.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/json.hpp"
#include "support/text.hpp"
#include "support/umask.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kMostBytes = std::size_t{4} << 20;
// An event has to fit the room that is kept for a run's end.
constexpr std::size_t kLinesShown = 10, kBytesShown = 2000;

/// What of the caller's environment would make an environment hold something else than it is asked to.
const std::map<std::string, std::string> kOwnVariables{
    {"PYTHONPATH", ""},    {"PYTHONHOME", ""}, {"PIP_USER", "0"},
    {"PIP_TARGET", ""},    {"PIP_PREFIX", ""}, {"PIP_ROOT", ""},
    {"PIP_NO_INPUT", "1"}, {"NO_COLOR", "1"},  {"PIP_DISABLE_PIP_VERSION_CHECK", "1"}};

/// "uv 0.9.1" when there is one in PATH.
std::optional<std::string> uv_version() {
  Command command;
  command.arguments = {"uv", "--version"};
  command.stderr_file = "/dev/null";
  try {
    const auto answer = capture(command, kMostBytes, kPatience);
    if (!answer || !answer->status.ok()) return std::nullopt;
    std::string version = answer->text.substr(0, answer->text.find_first_of("(\n"));
    while (version.ends_with(' ')) version.pop_back();
    return version;
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// The end of what was appended to the log from byte `from` on.
std::string last_lines(const fs::path& log, std::uint64_t from) {
  std::string text = read_file(log);
  text.erase(0, std::min<std::size_t>(from, text.size()));
  if (text.size() > kBytesShown) text.erase(0, text.size() - kBytesShown);
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    if (line.find_first_not_of(" \t\r") != std::string::npos) lines.push_back(line);
  if (lines.size() > kLinesShown) lines.erase(lines.begin(), lines.end() - kLinesShown);
  return join(lines, "\n");
}

struct Step {
  const fs::path& log;
  const Command& model;

  /// In the caller's process group, so that whoever ends that ends it.
  void run(const std::vector<std::string>& words) const {
    append_line(log, "$ " + join(words, " "));
    const std::uint64_t begin = fs::file_size(log);
    Command command = model;
    command.arguments = words;
    command.environment.insert(kOwnVariables.begin(), kOwnVariables.end());
    command.stdout_file = command.stderr_file = log;
    command.new_process_group = false;
    const ExitStatus status = wait_for(start_process(command));
    if (status.ok()) return;
    throw Error(category::run_failed,
                "the environment could not be built: " + fs::path(words.front()).filename().string() +
                    " ended with " + describe(status) + "\n" + last_lines(log, begin),
                "all that it said is in logs/" + log.filename().string() + " of the run");
  }
};

/// uv makes files as hard links into its cache, with the modes that they have there.
void take_writing_from_others(const fs::path& folder) {
  constexpr auto kOthers = fs::perms::group_write | fs::perms::others_write;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const fs::file_status status = entry.symlink_status();
    if (fs::is_symlink(status) || (status.permissions() & kOthers) == fs::perms::none) continue;
    std::error_code not_ours;
    fs::permissions(entry.path(), kOthers, fs::perm_options::remove, not_ours);
  }
}

std::string lines_of(const std::vector<std::string>& lines) {
  return lines.empty() ? "" : join(lines, "\n") + "\n";
}

}  // namespace

std::string make_virtual_environment(const fs::path& folder, const Python& python,
                                     const EnvironmentSpec& spec, const fs::path& log, const Command& model) {
  const ProgramsOfStore parts_of_it;
  const Step step{log, model};
  const auto uv = uv_version();
  const std::string own = (folder / "bin" / "python").string(), base = python.executable.string();
  if (uv)
    step.run({"uv", "venv", "--python", base, folder.string()});
  else
    step.run({base, "-m", "venv", folder.string()});
  const fs::path requirements = folder / "requirements.txt", constraints = folder / "constraints.txt";
  publish_file(requirements, lines_of(spec.requirements));
  publish_file(constraints, lines_of(spec.constraints));
  if (!spec.requirements.empty()) {
    std::vector<std::string> words{own, "-m", "pip", "install"};
    if (uv) words = {"uv", "pip", "install", "--python", own};
    words.insert(words.end(), {"-r", requirements.string()});
    if (!spec.constraints.empty()) words.insert(words.end(), {"-c", constraints.string()});
    step.run(words);
  }
  take_writing_from_others(folder);
  if (uv) return *uv;
  const auto packages = installed_packages(folder);
  const auto pip = packages.find("pip");
  return pip == packages.end() ? "pip" : "pip " + pip->second;
}

std::map<std::string, std::string> installed_packages(const fs::path& folder) {
  Command command;
  // -I: nothing of the user's own counts.
  command.arguments = {
      (folder / "bin" / "python").string(), "-I", "-c",
      "import importlib.metadata as m, json; "
      "print(json.dumps({str(d.metadata['Name']): str(d.version) for d in m.distributions()}))"};
  command.environment = kOwnVariables;
  command.stderr_file = "/dev/null";
  const auto answer = capture(command, kMostBytes, kPatience);
  if (!answer || !answer->status.ok())
    throw Error(category::environment, "the Python of the environment can't be run: " + command.arguments[0],
                "delete its folder, and it is built again");
  return parse_json(answer->text, command.arguments[0]).get<std::map<std::string, std::string>>();
}

}  // namespace amltrain
