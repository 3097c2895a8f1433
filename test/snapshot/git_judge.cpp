#include "snapshot/git_judge.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "support/text.hpp"

namespace amltrain::test {
namespace {

std::string said_by(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen failed");
  std::string text;
  for (int byte = fgetc(pipe); byte != EOF; byte = fgetc(pipe)) text += static_cast<char>(byte);
  if (pclose(pipe) != 0) throw std::runtime_error(command + " failed");
  return text;
}

std::string git(const std::filesystem::path& folder) {
  return "GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 git -C " + shell_quote(folder.string()) + " ";
}

}  // namespace

bool has_git() { return std::system("git --version >/dev/null 2>&1") == 0; }

void git_init(const std::filesystem::path& folder) { said_by(git(folder) + "init --quiet 2>/dev/null"); }

std::vector<std::string> git_keeps(const std::filesystem::path& folder) {
  const std::string list = said_by(git(folder) + "ls-files --others --exclude-standard -z");
  std::vector<std::string> kept;
  for (std::size_t start = 0; start < list.size();) {
    const std::size_t end = list.find('\0', start);
    kept.push_back(list.substr(start, end - start));
    start = end + 1;
  }
  std::sort(kept.begin(), kept.end());
  return kept;
}

}  // namespace amltrain::test
