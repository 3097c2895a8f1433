#include "support/lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "support/error.hpp"

// Open-file-description locks (fcntl(2), F_OFD_SETLK): they belong to the open file and not to the process,
// so a child that inherits the descriptor over fork and exec holds the lock on, and F_OFD_GETLK can ask
// without taking.
namespace amltrain {
namespace {

struct flock whole_file(short kind) {
  struct flock range {};
  range.l_type = kind;
  range.l_whence = SEEK_SET;
  return range;
}

/// False when the file was deleted or replaced while we waited for it: such a lock guards nothing.
bool still_names(const std::filesystem::path& path, int fd) {
  struct stat named {
  }, opened{};
  return stat(path.c_str(), &named) == 0 && fstat(fd, &opened) == 0 && named.st_ino == opened.st_ino &&
         named.st_dev == opened.st_dev;
}

}  // namespace

std::optional<FileLock> FileLock::try_kind(const std::filesystem::path& path, short kind) {
  while (true) {
    Fd file(open(path.c_str(), O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0666));
    if (!file) throw_errno("cannot open lock " + path.string());
    struct flock range = whole_file(kind);
    if (fcntl(file.get(), F_OFD_SETLK, &range) != 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EACCES) return std::nullopt;
      throw_errno("cannot lock " + path.string());
    }
    if (still_names(path, file.get())) return FileLock(std::move(file));
  }
}

std::optional<FileLock> FileLock::try_acquire(const std::filesystem::path& path) {
  return try_kind(path, F_WRLCK);
}

std::optional<FileLock> FileLock::try_acquire_shared(const std::filesystem::path& path) {
  return try_kind(path, F_RDLCK);
}

FileLock FileLock::acquire(const std::filesystem::path& path, std::chrono::milliseconds patience) {
  return wait_for_kind(path, F_WRLCK, patience);
}

FileLock FileLock::acquire_shared(const std::filesystem::path& path, std::chrono::milliseconds patience) {
  return wait_for_kind(path, F_RDLCK, patience);
}

FileLock FileLock::wait_for_kind(const std::filesystem::path& path, short kind,
                                 std::chrono::milliseconds patience) {
  // The kernel's waiting call has no deadline of its own, so the lock is tried at growing intervals.
  const auto deadline = std::chrono::steady_clock::now() + patience;
  auto pause = std::chrono::microseconds(200);
  while (true) {
    if (auto lock = try_kind(path, kind)) return std::move(*lock);
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= left.zero())
      throw Error(category::conflict, path.string() + " is locked by another amltrain process",
                  "wait for it to finish and try again");
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(pause, left));
    pause = std::min(pause * 2, std::chrono::microseconds(20'000));
  }
}

bool FileLock::is_held(const std::filesystem::path& path) {
  const Fd file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file) {
    if (errno == ENOENT) return false;
    throw_errno("cannot open lock " + path.string());
  }
  struct flock range = whole_file(F_WRLCK);
  if (fcntl(file.get(), F_OFD_GETLK, &range) != 0) throw_errno("cannot query lock " + path.string());
  return range.l_type != F_UNLCK;
}

FileLock FileLock::adopt(int fd) {
  const int flags = fcntl(fd, F_GETFD);
  if (flags < 0 || fcntl(fd, F_SETFD, flags | FD_CLOEXEC) != 0)
    throw_errno("cannot adopt the lock on descriptor " + std::to_string(fd));
  return FileLock(Fd(fd));
}

}  // namespace amltrain
