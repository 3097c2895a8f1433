#include "support/regular_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "support/error.hpp"

namespace amltrain {
namespace {

[[noreturn]] void throw_irregular(const std::filesystem::path& path) {
  throw Error(category::bad_input, path.string() + " is no regular file");
}

}  // namespace

Fd open_regular(const std::filesystem::path& path, int flags) {
  Fd file(open(path.c_str(), flags | O_NONBLOCK | O_CLOEXEC, 0666));
  // Of a link; of a socket, and a FIFO that nobody reads; of a folder to write to.
  if (!file && (errno == ELOOP || errno == ENXIO || errno == EISDIR)) throw_irregular(path);
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0) throw_errno("cannot read " + path.string());
  if (!S_ISREG(status.st_mode)) throw_irregular(path);
  return file;
}

Fd open_if_regular(const std::filesystem::path& path) try {
  return open_regular(path, O_RDONLY | O_NOFOLLOW);
} catch (const Error& problem) {
  if (problem.kind() == category::not_found || is_irregular(path)) return {};
  throw;
}

std::string read_regular(const std::filesystem::path& path, std::uint64_t limit) {
  std::string content;
  read_open(open_regular(path, O_RDONLY).get(), path.string(), content, limit);
  return content;
}

bool is_irregular(const std::filesystem::path& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

void read_open(int fd, const std::string& path, std::string& content, std::uint64_t limit) {
  struct stat status {};
  if (fstat(fd, &status) != 0) throw_errno("cannot read " + path);
  // The size is a first guess only: files of /proc say 0, and a log may grow while it is read.
  content.resize(static_cast<std::size_t>(std::min<std::uint64_t>(
                     S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0, limit)) +
                 1);
  std::size_t filled = 0;
  while (true) {
    const ssize_t count = read(fd, content.data() + filled, content.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("cannot read " + path);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
    if (filled > limit)
      throw Error(category::bad_input, path + " is larger than " + std::to_string(limit) + " bytes");
    if (filled == content.size()) content.resize(std::max<std::size_t>(content.size() * 2, 4096));
  }
  content.resize(filled);
}

}  // namespace amltrain
