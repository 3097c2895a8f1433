#include "job/git.hpp"

#include <chrono>
#include <sstream>

#include "snapshot/secrets.hpp"
#include "support/capture.hpp"
#include "support/error.hpp"
#include "support/hash.hpp"

namespace amltrain {
namespace {

constexpr std::chrono::seconds kPatience{5};
constexpr std::size_t kLongestStatus = std::size_t{64} << 20;
constexpr std::size_t kLongestDiff = std::size_t{16} << 20;
constexpr const char* kDiffFile = "source.diff";  // of RunPaths

std::optional<std::string> git(const std::filesystem::path& folder, const std::vector<std::string>& words,
                               std::size_t most_bytes) {
  Command command;
  // A git hook that submits has variables that name its own repository.
  command.arguments = {"env",
                       "-u",
                       "GIT_DIR",
                       "-u",
                       "GIT_WORK_TREE",
                       "-u",
                       "GIT_INDEX_FILE",
                       "-u",
                       "GIT_PREFIX",
                       "git",
                       "-C",
                       folder.string(),
                       "-c",
                       "core.fsmonitor=false",
                       "-c",
                       "core.quotePath=false"};
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  command.environment = {{"GIT_OPTIONAL_LOCKS", "0"}, {"GIT_TERMINAL_PROMPT", "0"}, {"LC_ALL", "C"}};
  command.stderr_file = "/dev/null";  // "not a git repository" is an answer
  const auto captured = capture(std::move(command), most_bytes, kPatience);
  if (!captured || !captured->status.ok()) return std::nullopt;
  return captured->text;
}

bool is_workspace(const std::string& path) { return path.ends_with(".amltrain/"); }

/// Lines of `git status --porcelain=v2 --branch` (git-status(1)).
GitState parse_status(const std::string& text) {
  GitState state;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto value = [&](const std::string& name) {
      return line.starts_with(name) ? std::optional(line.substr(name.size())) : std::nullopt;
    };
    if (const auto commit = value("# branch.oid ")) {
      if (*commit != "(initial)") state.commit = *commit;
    } else if (const auto branch = value("# branch.head ")) {
      if (*branch != "(detached)") state.branch = *branch;
    } else if (!line.starts_with('#')) {
      const auto unknown = value("? ");
      if (!unknown || !is_workspace(*unknown)) state.changed = true;
    }
  }
  return state;
}

/// The path behind "b/" in "diff --git a/PATH b/PATH"; git quotes one with control characters.
std::string path_of(const std::string& header) {
  const std::size_t begin = header.rfind(" b/");
  const std::size_t quoted = header.rfind(" \"b/");
  if (quoted != std::string::npos) return header.substr(quoted + 4, header.size() - quoted - 5);
  return begin == std::string::npos ? header : header.substr(begin + 3);
}

bool holds_secret(const std::string& path, const std::string& section) {
  return secret_by_name(path) || secret_in_text(section);
}

}  // namespace

std::string without_secret_sections(const std::string& diff, std::vector<std::string>& left_out) {
  constexpr std::string_view kStart = "diff --git ";
  std::string kept;
  for (std::size_t begin = 0; begin < diff.size();) {
    const std::size_t next = diff.find("\n" + std::string(kStart), begin);
    const std::size_t end = next == std::string::npos ? diff.size() : next + 1;
    const std::string section = diff.substr(begin, end - begin);
    const std::string path = path_of(section.substr(0, section.find('\n')));
    if (holds_secret(path, section))
      left_out.push_back(path);
    else
      kept += section;
    begin = end;
  }
  return kept;
}

std::optional<GitAnswer> ask_git(const std::filesystem::path& folder) {
  if (folder.empty()) return std::nullopt;
  try {
    const auto status =
        git(folder, {"status", "--porcelain=v2", "--branch", "--untracked-files=normal", "--", "."},
            kLongestStatus);
    if (!status) return std::nullopt;
    GitAnswer answer{parse_status(*status), {}};
    answer.state.folder = folder.string();
    if (answer.state.commit.empty() || !answer.state.changed) return answer;
    const auto diff =
        git(folder, {"diff", "--binary", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD", "--", "."},
            kLongestDiff);
    if (!diff) return answer;
    answer.diff = without_secret_sections(*diff, answer.state.left_out);
    if (!answer.diff.empty())
      answer.state.diff = HashedFile{kDiffFile, answer.diff.size(), sha256_of(answer.diff)};
    return answer;
  } catch (const Error&) {  // no git on this machine, or no process to be had: a run can do without
    return std::nullopt;
  }
}

}  // namespace amltrain
