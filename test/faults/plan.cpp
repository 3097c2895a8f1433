#include "plan.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>

namespace amltrain::faults {
namespace {

std::optional<std::string> variable(const char* name) {
  const char* const value = getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// Without our own wrappers: they would count it.
void append(const std::string& file, const std::string& text) {
  const int fd = static_cast<int>(
      syscall(SYS_openat, AT_FDCWD, file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (fd < 0) return;
  syscall(SYS_write, fd, text.data(), text.size());
  syscall(SYS_close, fd);
}

struct Plan {
  std::optional<std::string> root = variable("AMLTRAIN_FAULT_ROOT");
  std::optional<std::string> only = variable("AMLTRAIN_FAULT_ONLY");
  std::optional<std::string> log = variable("AMLTRAIN_FAULT_LOG");
  std::string error = variable("AMLTRAIN_FAULT_ERROR").value_or("EIO");
  std::uint64_t at = std::strtoull(variable("AMLTRAIN_FAULT_AT").value_or("0").c_str(), nullptr, 10);
  bool forever = variable("AMLTRAIN_FAULT_FOREVER").has_value();
  std::atomic<std::uint64_t>* calls = nullptr;

  Plan() {
    const auto state = variable("AMLTRAIN_FAULT_STATE");
    if (!state) return;
    const int fd = static_cast<int>(syscall(SYS_openat, AT_FDCWD, state->c_str(), O_RDWR | O_CLOEXEC));
    if (fd < 0) return;
    void* const memory = mmap(nullptr, sizeof *calls, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (memory != MAP_FAILED) calls = static_cast<std::atomic<std::uint64_t>*>(memory);
  }

  int error_number() const {
    if (error == "ENOSPC") return ENOSPC;
    if (error == "EINTR") return EINTR;
    return EIO;
  }
};

const Plan& plan() {
  static const Plan one;
  return one;
}

}  // namespace

bool concerns(const std::string& path) {
  return plan().root && path.starts_with(*plan().root) && path.size() > plan().root->size() &&
         path[plan().root->size()] == '/';
}

Verdict verdict(std::string_view call, const std::string& path) {
  const Plan& said = plan();
  if (said.calls == nullptr || !concerns(path) || (said.only && *said.only != call)) return Verdict::pass;
  const std::uint64_t number = said.calls->fetch_add(1) + 1;
  if (said.at == 0 || number < said.at || (number > said.at && !said.forever)) return Verdict::pass;
  const bool halve = said.error == "short";
  if (halve && call != "write" && call != "pwrite") return Verdict::pass;
  // Only a call that waits can be interrupted.
  if (said.error == "EINTR" && call != "write" && call != "pwrite") return Verdict::pass;
  if (said.log) append(*said.log, std::string(call) + " " + path + "\n");
  errno = said.error_number();
  return halve ? Verdict::halve : Verdict::fail;
}

std::string path_of(int fd) {
  std::array<char, PATH_MAX> target{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t length = readlink(link.c_str(), target.data(), target.size());
  if (length <= 0 || target[0] != '/') return {};
  return {target.data(), static_cast<std::size_t>(length)};
}

std::string absolute(int at, const char* path) {
  std::error_code ignored;
  const std::filesystem::path base =
      at == AT_FDCWD ? std::filesystem::current_path(ignored) : std::filesystem::path(path_of(at));
  const std::filesystem::path named = (base / path).lexically_normal();
  // A file is where its folder is, whatever links lead there.
  const std::filesystem::path folder = std::filesystem::canonical(named.parent_path(), ignored);
  return folder.empty() ? named : folder / named.filename();
}

}  // namespace amltrain::faults
