#include "job/input_watch.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "job/errand.hpp"
#include "job/input_location.hpp"
#include "support/error.hpp"
#include "support/hash.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostEntries = 10'000;
constexpr std::chrono::seconds kPatience{30};

/// A folder's time changes with each file that comes and goes in it: what is left there tells enough.
std::string line_of(const fs::path& path, const std::string& name) {
  struct stat seen {};
  if (lstat(path.c_str(), &seen) != 0) return name + " gone";
  std::vector<std::string> words{name, std::to_string(seen.st_mode), std::to_string(seen.st_ino)};
  if (!S_ISDIR(seen.st_mode)) {
    words.push_back(std::to_string(seen.st_size));
    words.push_back(std::to_string(seen.st_mtim.tv_sec) + "." + std::to_string(seen.st_mtim.tv_nsec));
  }
  return join(words, " ");
}

/// Absent when there is too much of it, or it can't be read.
std::optional<std::string> mark(const fs::path& input, const fs::path& store) {
  std::error_code problem;
  const fs::path root = fs::canonical(input, problem);
  if (problem) return std::nullopt;
  std::vector<std::string> lines{line_of(root, ".")};
  if (fs::is_directory(root, problem)) {
    for (fs::recursive_directory_iterator entry(root, problem), end; !problem && entry != end;
         entry.increment(problem)) {
      if (entry->path() == store) {
        entry.disable_recursion_pending();
        continue;
      }
      if (lines.size() > kMostEntries) return std::nullopt;
      lines.push_back(line_of(entry->path(), entry->path().lexically_relative(root).string()));
    }
  }
  if (problem) return std::nullopt;
  std::sort(lines.begin(), lines.end());
  return sha256_of(join(lines, "\n"));
}

bool is_watched(const JobInput& input) { return input.type != "literal" && !is_copied(input); }

}  // namespace

InputMarks mark_inputs(const Workspace& workspace, const JobDefinition& job) {
  std::error_code problem;
  const fs::path store = fs::canonical(workspace.store(), problem);
  InputMarks marks;
  for (const auto& [name, input] : job.inputs) {
    if (!is_watched(input)) continue;
    try {
      if (const auto seen = mark(locate_input(workspace, name, input).path, store)) marks[name] = *seen;
    } catch (const Error&) {  // it has gone
    }
  }
  return marks;
}

std::optional<InputMarks> ask_for_marks(const Workspace& workspace, const JobDefinition& job,
                                        ProcessKeeper& keeper) {
  const bool any = std::any_of(job.inputs.begin(), job.inputs.end(),
                               [](const auto& input) { return is_watched(input.second); });
  if (!any) return InputMarks();
  const Errand errand([&] { return json(mark_inputs(workspace, job)).dump(); }, Errand::Keeps::nothing);
  const auto status = keeper.await(errand.pid(), kPatience);
  if (!status) return std::nullopt;
  try {
    return parse_json(errand.result(*status), "the marks of inputs").get<InputMarks>();
  } catch (const Error&) {  // too many inputs for an answer
    return std::nullopt;
  }
}

std::string describe_changed(const InputMarks& before, const InputMarks& now) {
  std::vector<std::string> changed;
  for (const auto& [name, seen] : before) {
    const auto found = now.find(name);
    if (found == now.end() || found->second != seen) changed.push_back("'" + name + "'");
  }
  if (changed.empty()) return "";
  return changed.size() == 1 ? "input " + changed.front() + " was changed while the run had it"
                             : "inputs " + join(changed, ", ") + " were changed while the run had them";
}

}  // namespace amltrain
