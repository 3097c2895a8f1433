#include "support/file_set.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/path_limit.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

HashedFile hash_open_file(int fd, std::string path) {
  Sha256 hash;
  std::uint64_t bytes = 0;
  read_pieces(fd, path, [&](std::span<const std::byte> piece) {
    hash.update(piece);
    bytes += piece.size();
  });
  return {std::move(path), bytes, hash.finish()};
}

/// All of them, before any is looked into: an open folder takes a descriptor.
std::vector<fs::directory_entry> entries_of(const fs::path& folder) {
  std::error_code problem;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end; entry.increment(problem))
    entries.push_back(*entry);
  if (problem) throw_errno("cannot list folder " + folder.string(), problem.value());
  return entries;
}

/// Printable, and of a length that an event can hold.
std::string shown(const std::string& path) {
  constexpr std::size_t kMost = 200;
  std::string text = printable(path);
  if (text.size() > kMost) text = text.substr(0, kMost) + "...";
  return as_utf8(text);
}

void collect(const fs::path& folder, const std::string& prefix, std::vector<HashedFile>& files,
             std::vector<std::string>* left_out) {
  const auto leave_out = [&](const std::string& name, const char* why) {
    if (left_out != nullptr) left_out->push_back(shown(prefix + name) + why);
  };
  for (const fs::directory_entry& entry : entries_of(folder)) {
    const std::string name = entry.path().filename().string();
    if (is_temporary_name(name)) continue;
    if (left_out != nullptr && is_too_long(entry.path())) {
      leave_out(name, " (its path is too long)");
      continue;
    }
    std::error_code problem;
    const fs::file_type type = entry.symlink_status(problem).type();
    if (type == fs::file_type::not_found) continue;  // of a run that goes on
    if (problem) throw_errno("cannot read " + entry.path().string(), problem.value());
    if (left_out != nullptr && !is_utf8(name)) {
      leave_out(name, " (its name is not UTF-8)");
    } else if (type == fs::file_type::directory) {
      collect(entry.path(), prefix + name + "/", files, left_out);
    } else if (type == fs::file_type::symlink) {
      leave_out(name, " (a link)");
    } else if (type != fs::file_type::regular) {
      leave_out(name, " (no regular file)");
    } else {
      const Fd file(open(entry.path().c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
      if (!file) throw_errno("cannot read " + entry.path().string());
      files.push_back(hash_open_file(file.get(), prefix + name));
    }
  }
}

void copy_one(const HashedFile& file, int from, const fs::path& target, AtomicFile::existing policy) {
  const Fd source = open_beneath(from, file.path, O_RDONLY | O_NONBLOCK);
  Sha256 hash;
  AtomicFile copy(target, policy);
  read_pieces(source.get(), file.path, [&](std::span<const std::byte> piece) {
    hash.update(piece);
    copy.write(piece);
  });
  if (hash.finish() != file.sha256)
    throw Error(category::bad_input, "'" + file.path + "' no longer has the content that was recorded for it",
                "its SHA-256 should be " + file.sha256);
  copy.commit();
}

std::string problem_with(const HashedFile& file, int folder) {
  Fd opened;
  struct stat status {};
  try {
    opened = open_beneath(folder, file.path, O_RDONLY | O_NONBLOCK);
  } catch (const Error& problem) {
    if (problem.kind() == category::not_found) return "missing";
    return problem.what();
  }
  if (fstat(opened.get(), &status) != 0) throw_errno("cannot read " + file.path);
  if (!S_ISREG(status.st_mode)) return "is not a regular file";
  if (static_cast<std::uint64_t>(status.st_size) != file.bytes)
    return "has " + std::to_string(status.st_size) + " bytes, not " + std::to_string(file.bytes);
  return hash_open_file(opened.get(), file.path).sha256 == file.sha256 ? "" : "content changed";
}

}  // namespace

void to_json(json& out, const HashedFile& file) {
  out = {{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}};
}

HashedFile parse_hashed_file(const json& in) {
  return {field<std::string>(in, "path"), field<std::uint64_t>(in, "bytes"),
          field<std::string>(in, "sha256")};
}

std::vector<HashedFile> hash_tree(const fs::path& folder, const std::string& prefix,
                                  std::vector<std::string>* left_out) {
  std::vector<HashedFile> files;
  std::error_code absent;
  if (left_out != nullptr && fs::is_symlink(folder, absent)) {
    left_out->push_back(shown(folder.filename().string()) + " (a link)");
    return files;
  }
  if (!fs::is_directory(folder, absent)) return files;
  collect(folder, prefix, files, left_out);
  std::sort(files.begin(), files.end(),
            [](const HashedFile& left, const HashedFile& right) { return left.path < right.path; });
  return files;
}

HashedFile hash_file(const fs::path& folder, const std::string& path) {
  const Fd root = open_folder(folder);
  return hash_open_file(open_beneath(root.get(), path, O_RDONLY | O_NONBLOCK).get(), path);
}

void copy_verified(std::span<const HashedFile> files, const fs::path& from, const fs::path& to,
                   bool overwrite) {
  struct stat status {};
  for (const HashedFile& file : files) {
    if (!overwrite && lstat((to / file.path).c_str(), &status) == 0)
      throw Error(category::conflict, (to / file.path).string() + " exists already",
                  "choose another folder, or overwrite with --force");
  }
  const Fd source = open_folder(from);
  create_folders(to);
  const Fd target = open_folder(to);
  for (const HashedFile& file : files) {
    const fs::path relative(file.path);
    if (!relative.has_filename() || relative.filename() == "." || relative.filename() == "..")
      throw Error(category::bad_input, "'" + file.path + "' is not the name of a file");
    create_folders_beneath(target.get(), relative.parent_path());
    copy_one(file, source.get(), to / relative,
             overwrite ? AtomicFile::existing::replace : AtomicFile::existing::refuse);
  }
}

std::vector<FileFault> verify_files(std::span<const HashedFile> files, const fs::path& folder) {
  std::vector<FileFault> faults;
  std::error_code absent;
  if (!fs::is_directory(folder, absent)) {
    for (const HashedFile& file : files) faults.push_back({file.path, "missing"});
    return faults;
  }
  const Fd root = open_folder(folder);
  for (const HashedFile& file : files) {
    std::string problem = problem_with(file, root.get());
    if (!problem.empty()) faults.push_back({file.path, std::move(problem)});
  }
  return faults;
}

}  // namespace amltrain
