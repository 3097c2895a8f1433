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

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kMostBytes = std::size_t{4} << 20;
constexpr std::size_t kLinesShown = 10, kBytesShown = 4000;

/// "uv 0.9.1" when there is one in PATH.
std::optional<std::string> uv_version() {
  Command command;
  command.arguments = {"uv", "--version"};
  command.stderr_file = "/dev/null";
  try {
    const auto answer = capture(command, kMostBytes, kPatience);
    if (!answer || !answer->status.ok()) return std::nullopt;
    return answer->text.substr(0, answer->text.find_first_of("(\n"));
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

/// Runs one step of the build. It is in the caller's process group, so that whoever ends that ends it.
void run_step(const std::vector<std::string>& words, const fs::path& log) {
  std::error_code absent;
  const auto size = fs::file_size(log, absent);
  const std::uint64_t begin = absent ? 0 : size;
  append_line(log, "$ " + join(words, " "), false);
  Command command;
  command.arguments = words;
  command.environment = {{"PIP_NO_INPUT", "1"}, {"PIP_DISABLE_PIP_VERSION_CHECK", "1"}, {"NO_COLOR", "1"}};
  command.stdout_file = command.stderr_file = log;
  command.new_process_group = false;
  const ExitStatus status = wait_for(start_process(command));
  if (status.ok()) return;
  const std::string said = last_lines(log, begin);
  const bool full = said.find("No space left on device") != std::string::npos;
  throw Error(full ? category::environment : category::run_failed,
              "the environment could not be built: " + fs::path(words.front()).filename().string() +
                  " ended with " + describe(status) + "\n" + said,
              "all that it said is in " + log.filename().string() + " of the run's logs");
}

std::string lines_of(const std::vector<std::string>& lines) {
  return lines.empty() ? "" : join(lines, "\n") + "\n";
}

}  // namespace

std::string build_environment(const fs::path& folder, const Python& python, const EnvironmentSpec& spec,
                              const fs::path& log) {
  const auto uv = uv_version();
  const std::string own = (folder / "bin" / "python").string();
  if (uv)
    run_step({"uv", "venv", "--allow-existing", "--python", python.executable.string(), folder.string()},
             log);
  else
    run_step({python.executable.string(), "-m", "venv", folder.string()}, log);
  const fs::path requirements = folder / "requirements.txt", constraints = folder / "constraints.txt";
  publish_file(requirements, lines_of(spec.requirements));
  publish_file(constraints, lines_of(spec.constraints));
  if (!spec.requirements.empty()) {
    std::vector<std::string> words{own, "-m", "pip", "install"};
    if (uv) words = {"uv", "pip", "install", "--python", own};
    words.insert(words.end(), {"-r", requirements.string(), "-c", constraints.string()});
    run_step(words, log);
  }
  if (uv) return *uv;
  const auto pip = installed_packages(folder).find("pip");
  return "pip";
}

std::map<std::string, std::string> installed_packages(const fs::path& folder) {
  Command command;
  command.arguments = {(folder / "bin" / "python").string(), "-I", "-c",
                       "import importlib.metadata as m, json; "
                       "print(json.dumps({d.metadata['Name']: d.version for d in m.distributions()}))"};
  const auto answer = capture(command, kMostBytes, kPatience);
  if (!answer || !answer->status.ok())
    throw Error(category::environment,
                "the Python of the new environment can't be run: " + command.arguments[0]);
  return parse_json(answer->text, command.arguments[0]).get<std::map<std::string, std::string>>();
}

}  // namespace amltrain
