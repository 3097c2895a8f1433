#include "engine/parallel/shared_segment.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "support/error.hpp"

namespace amltrain::engine {
namespace {

[[noreturn]] void throw_system(const std::string& what) {
  throw Error(category::environment, what + ": " + std::strerror(errno),
              "the ranks of a machine exchange their gradients in /dev/shm: look at its size and who may "
              "write there");
}

}  // namespace

SharedSegment::SharedSegment(std::string name, int file, std::size_t bytes)
    : name_(std::move(name)), bytes_(bytes) {
  void* const mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  const int problem = errno;
  close(file);
  errno = problem;
  if (mapped == MAP_FAILED) throw_system("shared memory can't be mapped");
  memory_ = static_cast<std::byte*>(mapped);
}

SharedSegment SharedSegment::create(const std::string& name, std::size_t bytes) {
  const int file = shm_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) throw_system("shared memory can't be made");
  // Not ftruncate: a page that /dev/shm has no room for would end the process when it is touched.
  if (const int problem = posix_fallocate(file, 0, static_cast<off_t>(bytes)); problem != 0) {
    close(file);
    shm_unlink(name.c_str());
    errno = problem;
    throw_system("there is no room for " + std::to_string(bytes >> 20) + " MiB of shared memory");
  }
  return {name, file, bytes};
}

SharedSegment SharedSegment::find(const std::string& name, std::size_t bytes) {
  const int file = shm_open(name.c_str(), O_RDWR | O_CLOEXEC, 0);
  if (file < 0) {
    if (errno == ENOENT) return {};
    throw_system("shared memory can't be opened");
  }
  struct stat facts {};
  if (fstat(file, &facts) != 0 || facts.st_size != static_cast<off_t>(bytes)) {
    close(file);
    return {};
  }
  return {"", file, bytes};
}

SharedSegment::SharedSegment(SharedSegment&& other) noexcept { *this = std::move(other); }

SharedSegment& SharedSegment::operator=(SharedSegment&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(memory_, other.memory_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

SharedSegment::~SharedSegment() {
  forget_name();
  if (memory_ != nullptr) munmap(memory_, bytes_);
}

void SharedSegment::forget_name() {
  if (!name_.empty()) shm_unlink(name_.c_str());
  name_.clear();
}

}  // namespace amltrain::engine
