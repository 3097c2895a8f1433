#include "trace.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include "plan.hpp"

namespace amltrain::faults {
namespace {

const char* trace_file() {
  static const char* const file = getenv("AMLTRAIN_FAULT_TRACE");
  return file;
}

thread_local int locked_fd = -1;

std::string quoted(const std::string& path) {
  static const std::string root = getenv("AMLTRAIN_FAULT_ROOT");
  std::string out = "\"";
  for (const char c : path.size() > root.size() ? path.substr(root.size() + 1) : std::string())
    if (c == '"' || c == '\\')
      out += std::string("\\") + c;
    else
      out += c;
  return out + "\"";
}

void append(const std::string& line) {
  if (locked_fd >= 0) syscall(SYS_write, locked_fd, line.data(), line.size());
}

/// The root itself is in the record too: a folder that is synced.
bool is_recorded(const std::string& path) {
  static const char* const root = getenv("AMLTRAIN_FAULT_ROOT");
  return trace_file() != nullptr && root != nullptr && (concerns(path) || path == root);
}

}  // namespace

TraceLock::TraceLock() {
  if (trace_file() == nullptr) return;
  fd_ = static_cast<int>(
      syscall(SYS_openat, AT_FDCWD, trace_file(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (fd_ >= 0) flock(fd_, LOCK_EX);
  locked_fd = fd_;
}

TraceLock::~TraceLock() {
  locked_fd = -1;
  if (fd_ >= 0) syscall(SYS_close, fd_);
}

void trace(const char* call, const std::vector<std::string>& paths) {
  std::string line = std::string("[\"") + call + "\"";
  for (const std::string& path : paths) {
    if (!is_recorded(path)) return;
    line += "," + quoted(path);
  }
  append(line + "]\n");
}

void trace_write(const std::string& path, off_t offset, const void* data, std::size_t count) {
  if (!is_recorded(path)) return;
  static constexpr const char* kDigits = "0123456789abcdef";
  std::string line = "[\"write\"," + quoted(path) + "," + std::to_string(offset) + ",\"";
  const auto* const bytes = static_cast<const unsigned char*>(data);
  for (std::size_t i = 0; i < count; ++i) {
    line += kDigits[bytes[i] >> 4];
    line += kDigits[bytes[i] & 15];
  }
  append(line + "\"]\n");
}

void trace_truncate(const std::string& path, off_t size) {
  if (is_recorded(path)) append("[\"truncate\"," + quoted(path) + "," + std::to_string(size) + "]\n");
}

}  // namespace amltrain::faults
