// The system calls through which amltrain writes, each asked about before and recorded after it was made.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "plan.hpp"
#include "trace.hpp"

namespace {

using namespace amltrain::faults;

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

bool writes(int flags) { return (flags & (O_CREAT | O_TRUNC)) != 0; }

int open_file(int at, const char* path, int flags, mode_t mode) {
  static auto* const real = next<int(int, const char*, int, ...)>("openat");
  static const char* const boot = getenv("AMLTRAIN_FAULT_BOOT");
  if (boot != nullptr && std::string_view(path) == "/proc/sys/kernel/random/boot_id") path = boot;
  if (!writes(flags)) return real(at, path, flags, mode);
  const std::string name = absolute(at, path);
  if (verdict("open", name) == Verdict::fail) return -1;
  const TraceLock lock;
  struct stat before {};
  const bool was_there = fstatat(at, path, &before, 0) == 0;
  const int fd = real(at, path, flags, mode);
  if (fd >= 0 && (!was_there || (flags & O_TRUNC) != 0)) trace("create", {name});
  return fd;
}

/// A call with one path, of which the record has the same.
template <typename Call>
int with_path(const char* name, const std::string& path, const char* recorded, Call&& call) {
  if (verdict(name, path) == Verdict::fail) return -1;
  const TraceLock lock;
  const int result = call();
  if (result == 0) trace(recorded, {path});
  return result;
}

/// Removing frees room and is never refused; but a power cut may undo it.
template <typename Call>
int removing(const std::string& path, Call&& call) {
  const TraceLock lock;
  const int result = call();
  if (result == 0) trace("remove", {path});
  return result;
}

template <typename Call>
int with_two(const char* name, const std::string& from, const std::string& to, Call&& call) {
  if (verdict(name, to) == Verdict::fail) return -1;
  const TraceLock lock;
  const int result = call();
  if (result == 0) trace(name, {from, to});
  return result;
}

template <typename Call>
ssize_t with_bytes(const char* name, int fd, const void* data, std::size_t count, off_t offset, Call&& call) {
  const std::string path = path_of(fd);
  const Verdict said = verdict(name, path);
  if (said == Verdict::fail) return -1;
  if (said == Verdict::halve && count > 1) count /= 2;
  if (!concerns(path)) return call(count);
  const TraceLock lock;
  const ssize_t written = call(count);
  if (written > 0) {
    const int kept = errno;
    if (offset < 0) offset = lseek(fd, 0, SEEK_CUR) - written;
    trace_write(path, offset, data, static_cast<std::size_t>(written));
    errno = kept;
  }
  return written;
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_file(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) __attribute__((alias("open")));

int openat(int at, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_file(at, path, flags, mode);
}
int openat64(int at, const char* path, int flags, ...) __attribute__((alias("openat")));

ssize_t write(int fd, const void* data, size_t count) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  return with_bytes("write", fd, data, count, -1, [&](size_t some) { return real(fd, data, some); });
}

ssize_t pwrite(int fd, const void* data, size_t count, off_t offset) {
  static auto* const real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return with_bytes("pwrite", fd, data, count, offset,
                    [&](size_t some) { return real(fd, data, some, offset); });
}
ssize_t pwrite64(int fd, const void* data, size_t count, off_t offset) __attribute__((alias("pwrite")));

int fsync(int fd) {
  static auto* const real = next<int(int)>("fsync");
  return with_path("fsync", path_of(fd), "sync", [&] { return real(fd); });
}

int fdatasync(int fd) {
  static auto* const real = next<int(int)>("fdatasync");
  return with_path("fsync", path_of(fd), "sync", [&] { return real(fd); });
}

int syncfs(int fd) {
  static auto* const real = next<int(int)>("syncfs");
  if (verdict("syncfs", path_of(fd)) == Verdict::fail) return -1;
  const TraceLock lock;
  const int result = real(fd);
  if (result == 0) trace("syncfs", {});
  return result;
}

int ftruncate(int fd, off_t size) {
  static auto* const real = next<int(int, off_t)>("ftruncate");
  const std::string path = path_of(fd);
  if (verdict("ftruncate", path) == Verdict::fail) return -1;
  const TraceLock lock;
  const int result = real(fd, size);
  if (result == 0) trace_truncate(path, size);
  return result;
}
int ftruncate64(int fd, off_t size) __attribute__((alias("ftruncate")));

int rename(const char* from, const char* to) {
  static auto* const real = next<int(const char*, const char*)>("rename");
  return with_two("rename", absolute(AT_FDCWD, from), absolute(AT_FDCWD, to), [&] { return real(from, to); });
}

int renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags) {
  static auto* const real = next<int(int, const char*, int, const char*, unsigned)>("renameat2");
  return with_two("rename", absolute(from_at, from), absolute(to_at, to),
                  [&] { return real(from_at, from, to_at, to, flags); });
}

int link(const char* from, const char* to) {
  static auto* const real = next<int(const char*, const char*)>("link");
  return with_two("link", absolute(AT_FDCWD, from), absolute(AT_FDCWD, to), [&] { return real(from, to); });
}

int mkdir(const char* path, mode_t mode) {
  static auto* const real = next<int(const char*, mode_t)>("mkdir");
  return with_path("mkdir", absolute(AT_FDCWD, path), "mkdir", [&] { return real(path, mode); });
}

int mkdirat(int at, const char* path, mode_t mode) {
  static auto* const real = next<int(int, const char*, mode_t)>("mkdirat");
  return with_path("mkdir", absolute(at, path), "mkdir", [&] { return real(at, path, mode); });
}

int unlink(const char* path) {
  static auto* const real = next<int(const char*)>("unlink");
  return removing(absolute(AT_FDCWD, path), [&] { return real(path); });
}

int unlinkat(int at, const char* path, int flags) {
  static auto* const real = next<int(int, const char*, int)>("unlinkat");
  return removing(absolute(at, path), [&] { return real(at, path, flags); });
}

int rmdir(const char* path) {
  static auto* const real = next<int(const char*)>("rmdir");
  return removing(absolute(AT_FDCWD, path), [&] { return real(path); });
}

int remove(const char* path) {
  static auto* const real = next<int(const char*)>("remove");
  return removing(absolute(AT_FDCWD, path), [&] { return real(path); });
}

}  // extern "C"
