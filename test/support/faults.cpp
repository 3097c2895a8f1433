#include "faults.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace {

int fsyncs_until_failure = 0;
int fsync_error = 0;
bool cuts_fail = false;
bool stutter = false;
bool interrupted = false;

}  // namespace

extern "C" int fsync(int fd) {
  if (fsyncs_until_failure > 0 && --fsyncs_until_failure == 0) {
    errno = fsync_error;
    return -1;
  }
  return static_cast<int>(syscall(SYS_fsync, fd));
}

extern "C" int ftruncate(int fd, off_t size) {
  if (cuts_fail) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(syscall(SYS_ftruncate, fd, size));
}

extern "C" ssize_t write(int fd, const void* data, size_t size) {
  if (stutter) {
    interrupted = !interrupted;
    if (interrupted) {
      errno = EINTR;
      return -1;
    }
    size = std::min<size_t>(size, 100);
  }
  return syscall(SYS_write, fd, data, size);
}

namespace amltrain::test {

FailingFsync::FailingFsync(int number, int error_number) {
  fsyncs_until_failure = number;
  fsync_error = error_number;
}
FailingFsync::~FailingFsync() { fsyncs_until_failure = 0; }

FailingCuts::FailingCuts() { cuts_fail = true; }
FailingCuts::~FailingCuts() { cuts_fail = false; }

StutteringWrite::StutteringWrite() { stutter = true; }
StutteringWrite::~StutteringWrite() { stutter = false; }

}  // namespace amltrain::test
