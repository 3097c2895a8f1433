#include "environment/python.hpp"

#include <chrono>
#include <optional>
#include <vector>

#include "support/capture.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kMostBytes = 65536;
// -I: nothing in the current folder or of the user changes what it says.
constexpr const char* kQuestion =
    "import json, platform, sys; print(json.dumps([sys.executable, platform.python_version(), sys.version]))";

/// Absent when it can't be run or is no Python.
std::optional<Python> ask(const std::string& program) {
  Command command;
  command.arguments = {program, "-I", "-c", kQuestion};
  command.stderr_file = "/dev/null";
  try {
    const auto answer = capture(command, kMostBytes, kPatience);
    if (!answer || !answer->status.ok()) return std::nullopt;
    const auto said = parse_json(answer->text, program).get<std::vector<std::string>>();
    if (said.size() != 3 || said[0].empty() || !said[1].starts_with("3.")) return std::nullopt;
    return Python{said[0], said[1], said[2]};
  } catch (const Error&) {
    return std::nullopt;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

// With all that the environment and the user add to the path.
constexpr const char* kLook =
    "import importlib.metadata as m, json, platform; "
    "print(json.dumps([platform.python_version(), {str(d.metadata['Name']): str(d.version) for d in "
    "m.distributions()}]))";

bool fits(const std::string& version, const std::string& wanted) {
  return version == wanted || version.starts_with(wanted + ".");
}

Python find_version(const std::string& wanted) {
  const std::size_t minor = wanted.find('.');
  const std::size_t patch = minor == std::string::npos ? minor : wanted.find('.', minor + 1);
  std::vector<std::string> found;
  for (const std::string& name :
       {"python" + wanted.substr(0, patch), std::string("python3"), std::string("python")}) {
    const auto python = ask(name);
    if (!python) continue;
    if (fits(python->version, wanted)) return *python;
    found.push_back(python->version + " (" + python->executable.string() + ")");
  }
  throw Error(category::not_found, "no Python " + wanted + " in PATH",
              found.empty() ? "install it, or give the path of one"
                            : "there is " + join(found, ", ") + "; or give the path of another");
}

}  // namespace

void to_json(json& out, const Python& python) {
  out = {{"executable", python.executable.string()}, {"version", python.version}, {"build", python.build}};
}

Python parse_python(const json& in) {
  return {field<std::string>(in, "executable"), field<std::string>(in, "version"),
          field<std::string>(in, "build")};
}

bool is_python_version(const std::string& wanted) {
  return !wanted.empty() && wanted[0] >= '0' && wanted[0] <= '9' &&
         wanted.find_first_not_of("0123456789.") == std::string::npos;
}

Python find_python(const std::string& wanted) {
  if (is_python_version(wanted)) return find_version(wanted);
  const std::string program = wanted.empty() ? "python3" : wanted;
  const auto python = ask(program);
  if (!python)
    throw Error(category::not_found, "'" + program + "' is no Python 3 that can be run",
                "give a version, a name in PATH or the path of an interpreter");
  return *python;
}

std::optional<PythonInUse> look_into_python(const std::string& program,
                                            const std::map<std::string, std::string>& environment) {
  constexpr std::chrono::seconds kLookPatience{5};
  constexpr std::size_t kMostOfPackages = std::size_t{1} << 20;
  Command command;
  command.arguments = {program, "-c", kLook};
  command.environment = environment;
  command.stderr_file = "/dev/null";
  try {
    const auto answer = capture(command, kMostOfPackages, kLookPatience);
    if (!answer || !answer->status.ok()) return std::nullopt;
    const json said = parse_json(answer->text, program);
    if (!said.is_array() || said.size() != 2) return std::nullopt;
    PythonInUse seen{said[0].get<std::string>(), said[1].get<std::map<std::string, std::string>>()};
    if (!seen.version.starts_with("3.")) return std::nullopt;
    return seen;
  } catch (const Error&) {
    return std::nullopt;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace amltrain
