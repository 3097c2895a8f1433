#include "engine/exchange/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "engine/exchange/refuse.hpp"
#include "support/error.hpp"

namespace amltrain::engine {

InputFile::InputFile(const std::filesystem::path& path)
    // O_NONBLOCK: opening a pipe must not hang before fstat() refuses it.
    : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), name_(path.string()) {
  if (!fd_) throw_errno("cannot open " + name_);
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) throw_errno("cannot stat " + name_);
  if (!S_ISREG(status.st_mode)) fail("not a regular file");
  size_ = static_cast<std::uint64_t>(status.st_size);
}

void InputFile::read_at(std::uint64_t offset, std::span<std::byte> into) const {
  if (offset > size_ || into.size() > size_ - offset) fail("the file is cut short");
  while (!into.empty()) {
    const ssize_t got = ::pread(fd_.get(), into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("cannot read " + name_);
    if (got == 0) fail("the file was cut while it was read");
    offset += static_cast<std::uint64_t>(got);
    into = into.subspan(static_cast<std::size_t>(got));
  }
}

std::string InputFile::read_at(std::uint64_t offset, std::uint64_t count) const {
  if (offset > size_ || count > size_ - offset) fail("the file is cut short");
  std::string bytes(static_cast<std::size_t>(count), '\0');
  read_at(offset, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

void InputFile::fail(std::string_view problem, std::string_view hint) const { refuse(name_, problem, hint); }

}  // namespace amltrain::engine
