#include "environment/conda.hpp"

#include <regex>

#include "environment/requirements.hpp"
#include "support/error.hpp"

// conda's documentation: "Creating an environment file manually", "Package match specifications".
namespace amltrain {
namespace {

constexpr const char* kLeaveOut = "or leave the environment out with --set environment=local";

class Reader {
 public:
  Reader(const std::filesystem::path& folder, const std::string& origin) : folder_(folder), origin_(origin) {}

  EnvironmentSpec read(const json& document) && {
    if (!document.is_object()) fail("is no conda file", "begin with: dependencies:");
    for (const auto& [name, value] : document.items()) {
      if (name == "dependencies")
        take_dependencies(value);
      else if (name == "variables")
        fail("sets variables", "write them into environment_variables of the job");
      else if (name != "name" && name != "channels" && name != "prefix")
        fail("has a field '" + name + "' that is not known", "it takes name, channels and dependencies");
    }
    return std::move(spec_);
  }

 private:
  void take_dependencies(const json& list) {
    if (!list.is_array()) fail("has dependencies that are no list", "write: - python=3.11");
    for (const json& item : list) {
      if (item.is_string())
        take_package(item.get<std::string>());
      else if (item.is_object() && item.size() == 1 && item.contains("pip"))
        take_pip(item["pip"]);
      else
        fail("has a dependency that is neither a package nor a list under pip", "write: - python=3.11");
    }
  }

  void take_package(const std::string& package) {
    static const std::regex form(
        "([A-Za-z0-9_.:/-]+?)[ ]*(?:(==?| )[ ]*([0-9]+(?:\\.[0-9]+)*)(?:\\.?\\*)?|[<>=!~].*)?");
    std::smatch parts;
    if (!std::regex_match(package, parts, form)) fail("has '" + package + "', which is no package", "");
    const std::string name = parts[1];
    if (name == "pip") return;
    if (name != "python")
      fail("has the conda package '" + name + "', which is not installed here",
           std::string("list it under pip, ") + kLeaveOut);
    if (package != "python" && !parts[3].matched)
      fail("has '" + package + "'", "write one version: python=3.11");
    spec_.python = parts[3].matched ? parts[3].str() : "3";
  }

  void take_pip(const json& list) {
    std::vector<std::string> lines;
    if (!list.is_array()) fail("has a pip part that is no list", "write: - pip: [numpy==1.26.4]");
    for (const json& line : list) {
      if (!line.is_string()) fail("has a pip requirement that is no text", "");
      lines.push_back(line.get<std::string>());
    }
    add_requirement_lines(spec_, lines, folder_, origin_ + ": pip");
  }

  [[noreturn]] void fail(const std::string& problem, const std::string& hint) const {
    throw Error(category::bad_input, origin_ + " " + problem, hint);
  }

  const std::filesystem::path& folder_;
  const std::string& origin_;
  EnvironmentSpec spec_;
};

}  // namespace

EnvironmentSpec read_conda_file(const json& document, const std::filesystem::path& folder,
                                const std::string& origin) {
  return Reader(folder, origin).read(document);
}

}  // namespace amltrain
