#include "support/unbuffered.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain {
namespace {

constexpr std::size_t kWritten = std::size_t{8} << 20, kRead = std::size_t{1} << 20;  // at a time

bool begins_at_page(const std::byte* memory) { return reinterpret_cast<std::uintptr_t>(memory) % kPage == 0; }

/// False when the file system does not know O_DIRECT.
bool set_direct(int fd, bool direct) {
  const int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && fcntl(fd, F_SETFL, direct ? flags | O_DIRECT : flags & ~O_DIRECT) == 0;
}

/// Writes whole pages as long as that goes; returns how many bytes went.
std::size_t write_pages(int fd, std::span<const std::byte> bytes, const std::filesystem::path& path) {
  const std::size_t whole = bytes.size() / kPage * kPage;
  std::size_t done = 0;
  while (done < whole) {
    const ssize_t count = write(fd, bytes.data() + done, std::min(kWritten, whole - done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EINVAL) break;  // not on this file system after all
    if (count < 0) throw_errno("cannot write " + path.string());
    done += static_cast<std::size_t>(count);
    if (done % kPage != 0) break;  // the disk is filling up: the rest tells why
  }
  return done;
}

}  // namespace

void FreePages::operator()(std::byte* memory) const { std::free(memory); }

PageMemory allocate_pages(std::size_t size, const std::string& purpose) {
  PageMemory memory(static_cast<std::byte*>(std::aligned_alloc(kPage, (size + kPage - 1) / kPage * kPage)));
  if (!memory) throw_errno("cannot " + purpose, ENOMEM);
  return memory;
}

void write_unbuffered(int fd, std::span<const std::byte> bytes, const std::filesystem::path& path) {
  std::size_t done = 0;
  if (begins_at_page(bytes.data()) && set_direct(fd, true)) {
    done = write_pages(fd, bytes, path);
    set_direct(fd, false);
  }
  write_all(fd, bytes.subspan(done), path);
}

bool reads_back(const std::filesystem::path& path, std::span<const std::byte> bytes, Checksum& sum) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw_errno("cannot read " + path.string());
  const PageMemory piece = allocate_pages(kRead, "read " + path.string());
  bool direct = set_direct(file.get(), true);
  std::size_t done = 0;
  while (true) {
    const ssize_t count = read(file.get(), piece.get(), kRead);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EINVAL && direct) {
      direct = !set_direct(file.get(), false);
      continue;
    }
    if (count < 0) throw_errno("cannot read " + path.string());
    if (count == 0) return done == bytes.size();
    const auto size = static_cast<std::size_t>(count);
    if (size > bytes.size() - done || std::memcmp(piece.get(), bytes.data() + done, size) != 0) return false;
    sum.update({piece.get(), size});
    done += size;
  }
}

}  // namespace amltrain
