#include "job/linked_outputs.hpp"

#include <algorithm>
#include <vector>

#include "support/files.hpp"
#include "support/hash.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

bool is_below(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

void keep_file_behind(const fs::path& link, const fs::path& folder) {
  std::error_code problem;
  const fs::path file = fs::canonical(link, problem);
  if (problem || !is_below(file, folder) || !fs::is_regular_file(file, problem)) return;
  const fs::path second = link.parent_path() / (".amltrain-tmp-" + random_hex(8));  // is_temporary_name()
  fs::create_hard_link(file, second, problem);  // not every file system has them: it stays a link then
  if (!problem) fs::rename(second, link, problem);
  if (problem) fs::remove(second, problem);
}

}  // namespace

void keep_linked_files(const fs::path& folder) {
  std::error_code problem;
  const fs::path whole = fs::canonical(folder, problem);
  if (problem || fs::is_symlink(folder, problem)) return;
  std::vector<fs::path> links;  // first: what is made would be iterated over
  for (fs::recursive_directory_iterator entry(whole, problem), end; !problem && entry != end;
       entry.increment(problem))
    if (entry->is_symlink(problem)) links.push_back(entry->path());
  for (const fs::path& link : links) keep_file_behind(link, whole);
}

}  // namespace amltrain
