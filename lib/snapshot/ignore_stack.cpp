#include "snapshot/ignore_stack.hpp"

#include "support/files.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestFile = 16 << 20;

/// No link: git does not follow one here either.
bool is_plain_file(const fs::path& path) {
  std::error_code absent;
  return fs::symlink_status(path, absent).type() == fs::file_type::regular;
}

/// The folder that holds .git, at or above `folder`; empty when there is none.
fs::path repository_of(fs::path folder) {
  std::error_code absent;
  while (!fs::exists(folder / ".git", absent)) {
    if (folder == folder.parent_path()) return {};
    folder = folder.parent_path();
  }
  return folder;
}

}  // namespace

IgnoreStack::IgnoreStack(const fs::path& root)
    : root_(root), file_name_(is_plain_file(root / ".amlignore") ? ".amlignore" : ".gitignore") {
  if (file_name_ == ".amlignore") return;
  const fs::path repository = repository_of(root_);
  if (!repository.empty()) read_above(repository);
}

void IgnoreStack::read_above(const fs::path& repository) {
  const auto way_down = [this](const fs::path& folder) {
    const std::string way = root_.lexically_relative(folder).string();
    return way == "." ? "" : way + "/";
  };
  add(repository / ".git" / "info" / "exclude", way_down(repository), 0);
  fs::path folder = repository;
  for (const fs::path& part : root_.lexically_relative(repository)) {
    if (folder != root_) add(folder / file_name_, way_down(folder), 0);
    folder /= part;
  }
}

void IgnoreStack::add(const fs::path& file, std::string above, std::size_t offset) {
  levels_.push_back(
      {std::move(above), offset, IgnoreFile(is_plain_file(file) ? read_file(file, kLargestFile) : "")});
}

void IgnoreStack::enter(const std::string& path) {
  add(root_ / path / file_name_, "", path.empty() ? 0 : path.size() + 1);
}

std::optional<Verdict> IgnoreStack::verdict(const std::string& path, EntryKind kind) const {
  for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
    if (const auto said = level->file.verdict(level->above + path.substr(level->offset), kind)) return said;
  }
  return std::nullopt;
}

}  // namespace amltrain
