#include "support/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "support/error.hpp"
#include "support/hash.hpp"
#include "support/regular_file.hpp"

namespace amltrain {
namespace {

constexpr std::string_view kTemporaryPrefix = ".amltrain-tmp-";

/// The folder that holds `path`'s entry.
std::filesystem::path folder_of(const std::filesystem::path& path) {
  const std::filesystem::path parent = path.parent_path();
  return parent.empty() ? "." : parent;
}

/// rename(2) that never replaces.
int rename_new(const char* from, const char* to) {
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return -1;
  // File systems without the flag (NFS). A plain rename refuses a folder that has content.
  struct stat status {};
  if (stat(from, &status) == 0 && S_ISDIR(status.st_mode)) return rename(from, to);
  if (link(from, to) != 0) return -1;
  return unlink(from);
}

bool ends_with_torn_line(int fd, off_t size, const std::filesystem::path& path) {
  char last = '\n';
  if (size > 0 && pread(fd, &last, 1, size - 1) < 0) throw_errno("cannot read " + path.string());
  return last != '\n';
}

}  // namespace

void Fd::reset(int fd) {
  if (fd_ >= 0) close(fd_);
  fd_ = fd;
}

AtomicFile::AtomicFile(std::filesystem::path target, existing policy)
    : target_(std::move(target)),
      temporary_(folder_of(target_) / (std::string(kTemporaryPrefix) + random_hex(8))),
      policy_(policy),
      fd_(open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) {
  if (!fd_) throw_errno("cannot write " + target_.string());
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) { write_all(fd_.get(), bytes, target_); }

void AtomicFile::write(std::string_view text) { write(std::as_bytes(std::span(text))); }

void AtomicFile::commit() {
  sync_file(fd_.get(), target_);
  rename_into_place(temporary_, target_, policy_);
  temporary_.clear();
}

void AtomicFile::commit_unsynced() {
  rename_unsynced(temporary_, target_);
  temporary_.clear();
}

void write_all(int fd, std::span<const std::byte> bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("cannot write " + path.string());
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void sync_file(int fd, const std::filesystem::path& path) {
  // Never repeated after a failure: Linux drops the dirty pages of a failed fsync, and a second call would
  // lie.
  if (fsync(fd) != 0) throw_errno("cannot flush " + path.string() + " to disk");
}

void rename_into_place(const std::filesystem::path& made, const std::filesystem::path& target,
                       AtomicFile::existing policy) {
  // Opened first: after the rename only the folder's fsync can fail.
  const Fd folder = open_folder(folder_of(target));
  const bool refuse = policy == AtomicFile::existing::refuse;
  if ((refuse ? rename_new(made.c_str(), target.c_str()) : rename(made.c_str(), target.c_str())) != 0)
    throw_errno("cannot create " + target.string());
  if (fsync(folder.get()) == 0) return;
  const int reason = errno;
  // A new name is taken back. A replaced file is not: the old content is gone, the new one is at least whole.
  if (refuse) rename(target.c_str(), made.c_str());
  throw_errno("cannot flush the folder of " + target.string() + " to disk", reason);
}

void rename_unsynced(const std::filesystem::path& made, const std::filesystem::path& target) {
  if (rename(made.c_str(), target.c_str()) != 0) throw_errno("cannot create " + target.string());
}

bool is_temporary_name(std::string_view filename) { return filename.starts_with(kTemporaryPrefix); }

void publish_file(const std::filesystem::path& target, std::string_view content,
                  AtomicFile::existing policy) {
  AtomicFile file(target, policy);
  file.write(content);
  file.commit();
}

void publish_cache(const std::filesystem::path& target, std::string_view content) {
  AtomicFile file(target);
  file.write(content);
  file.commit_unsynced();
}

void append_line(const std::filesystem::path& path, std::string_view line) {
  const Fd file(open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!file) throw_errno("cannot append to " + path.string());
  struct stat status {};
  if (fstat(file.get(), &status) != 0) throw_errno("cannot append to " + path.string());

  std::string text;
  text.reserve(line.size() + 2);
  // /dev/full and pipes have no last line to look at.
  if (S_ISREG(status.st_mode) && ends_with_torn_line(file.get(), status.st_size, path)) text += '\n';
  text += line;
  text += '\n';
  write_all(file.get(), std::as_bytes(std::span(text)), path);
}

void append_synced(const std::filesystem::path& path, std::uint64_t size, std::string_view line) {
  const Fd file(open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!file) throw_errno("cannot append to " + path.string());
  struct stat status {};
  if (fstat(file.get(), &status) != 0) throw_errno("cannot append to " + path.string());
  const auto end = static_cast<off_t>(size);
  // Not when nothing is to go: it would give up the room that is reserved behind the end.
  if (status.st_size > end && ftruncate(file.get(), end) != 0) throw_errno("cannot cut " + path.string());
  constexpr std::string_view kEnd = "\n";
  try {
    write_all(file.get(), std::as_bytes(std::span(line)), path);
    sync_file(file.get(), path);
    if (size == 0) sync_folder(folder_of(path));  // the entry may be as new as the line
    write_all(file.get(), std::as_bytes(std::span(kEnd)), path);
  } catch (const Error&) {
    [[maybe_unused]] const int taken_back = ftruncate(file.get(), end);
    throw;
  }
}

void cut_file(const std::filesystem::path& path, std::uint64_t size) {
  const Fd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || ftruncate(file.get(), static_cast<off_t>(size)) != 0)
    throw_errno("cannot cut " + path.string());
  sync_file(file.get(), path);
}

void read_file(const std::string& path, std::string& content, std::uint64_t limit) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw_errno("cannot read " + path);
  read_open(file.get(), path, content, limit);
}

std::string read_file(const std::filesystem::path& path, std::uint64_t limit) {
  std::string content;
  read_file(path.string(), content, limit);
  return content;
}

void read_pieces(const std::filesystem::path& path, const EachPiece& each) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw_errno("cannot read " + path.string());
  read_pieces(file.get(), path, each);
}

void read_pieces(int fd, const std::filesystem::path& path, const EachPiece& each) {
  std::vector<std::byte> piece(1 << 17);
  while (true) {
    const ssize_t count = read(fd, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("cannot read " + path.string());
    if (count == 0) return;
    each(std::span(piece).first(static_cast<std::size_t>(count)));
  }
}

void reserve_space(const std::filesystem::path& path, std::uint64_t bytes) {
  const Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
  if (!file) throw_errno("cannot open " + path.string());
  while (fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) != 0) {
    if (errno == EINTR) continue;
    if (errno == EOPNOTSUPP || errno == ENOSYS) return;
    throw_errno("cannot reserve room for " + path.string());
  }
}

void create_folders(const std::filesystem::path& folder) {
  if (folder.empty() || mkdir(folder.c_str(), 0777) == 0) {
    if (!folder.empty()) sync_folder(folder_of(folder));
    return;
  }
  const int reason = errno;
  if (reason == ENOENT && folder.has_parent_path() && folder.parent_path() != folder) {
    create_folders(folder.parent_path());
    return create_folders(folder);
  }
  struct stat status {};
  if (reason == EEXIST && stat(folder.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return;
    throw Error(category::bad_input, folder.string() + " is a file, not a folder", "choose another name");
  }
  throw_errno("cannot create folder " + folder.string(), reason);
}

void sync_file_system(int folder) {
  if (syncfs(folder) != 0) throw_errno("cannot flush the file system to disk");
}

void sync_folder(const std::filesystem::path& folder) { sync_file(open_folder(folder).get(), folder); }

}  // namespace amltrain
