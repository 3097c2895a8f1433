#include "upkeep/findings.hpp"

#include <sys/stat.h>

#include <set>

#include "support/error.hpp"
#include "support/path_limit.hpp"
#include "support/regular_file.hpp"
#include "support/sealed.hpp"

namespace amltrain {

namespace fs = std::filesystem;

void Findings::fault(const fs::path& file, const std::string& problem) {
  check_.faults.push_back({file.lexically_relative(store_).generic_string(), problem});
}

std::optional<std::string> Findings::document(const fs::path& file,
                                              const std::function<void(const json&)>& check) {
  ++check_.documents;
  std::string text;
  try {
    text = read_regular(file);
    switch (check_seal(text)) {
      case Seal::fits:
        check(parse_json(text, file.string()));
        return text;
      case Seal::broken:
        fault(file, "content changed");
        break;
      case Seal::absent:
        fault(file, text.empty() ? "is empty" : "carries no hash, or is cut short");
    }
  } catch (const Error& problem) {
    fault(file, problem.kind() == category::not_found ? "missing" : problem.what());
  }
  return std::nullopt;
}

void Findings::unless_gone(const fs::path& thing, const std::function<void(Findings&)>& check) {
  Findings found = *this;
  found.check_ = {};
  check(found);
  std::error_code unreadable;
  if (fs::exists(thing, unreadable)) add(found);
}

void Findings::add(const Findings& other) {
  const StoreCheck& more = other.check_;
  check_.documents += more.documents;
  check_.files += more.files;
  check_.bytes += more.bytes;
  check_.faults.insert(check_.faults.end(), more.faults.begin(), more.faults.end());
}

void Findings::files(std::span<const HashedFile> files, const fs::path& folder) {
  for (const HashedFile& file : files) count_file(file.bytes);
  for (const FileFault& found : verify_files(files, folder)) fault(folder / found.path, found.problem);
}

void Findings::extras(std::span<const HashedFile> known, const fs::path& folder, const std::string& prefix) {
  std::set<std::string_view> names;
  for (const HashedFile& file : known) names.insert(file.path);
  std::error_code problem;
  if (fs::is_symlink(folder, problem)) return;  // what lies behind was never recorded
  for (fs::recursive_directory_iterator item(folder, problem), end; !problem && item != end;
       item.increment(problem)) {
    struct stat status {};
    const fs::path& path = item->path();
    if (lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (is_temporary_name(path.filename().native())) continue;
    if (is_too_long(path) || !is_utf8(path.native())) continue;  // never recorded, and said so
    if (!names.contains(prefix + path.lexically_relative(folder).generic_string()))
      fault(path, "is not among the recorded files");
  }
}

void require_owner(std::string_view kind, std::string_view actual, std::string_view expected) {
  if (actual != expected)
    throw Error(category::bad_input, "is of " + std::string(kind) + " " + std::string(actual));
}

}  // namespace amltrain
