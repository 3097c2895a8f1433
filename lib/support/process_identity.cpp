#include <unistd.h>

#include <sstream>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/process.hpp"

namespace amltrain {

void to_json(json& out, const ProcessIdentity& identity) {
  out = {{"pid", identity.pid}, {"start_ticks", identity.start_ticks}, {"boot_id", identity.boot_id}};
}

ProcessIdentity parse_process_identity(const json& in) {
  return {field<pid_t>(in, "pid"), field<std::uint64_t>(in, "start_ticks"),
          field<std::string>(in, "boot_id")};
}

std::optional<ProcessIdentity> identify(pid_t pid) {
  if (pid <= 0) return std::nullopt;
  std::string stat;
  try {
    stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  } catch (const Error&) {  // ENOENT at open, or ESRCH when it went between open and read
    return std::nullopt;
  }
  // proc(5): "pid (comm) state ppid ..."; comm may hold spaces and brackets, so fields count from the last
  // ')'.
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(stat.substr(name_end + 1));
  char state = 0;
  fields >> state;
  if (state == 'Z' || state == 'X') return std::nullopt;
  std::string skipped;
  for (int number = 4; number < 22; ++number) fields >> skipped;
  std::uint64_t start_ticks = 0;
  if (!(fields >> start_ticks)) return std::nullopt;
  return ProcessIdentity{pid, start_ticks, boot_id()};
}

ProcessIdentity identify_self() {
  const auto self = identify(getpid());
  if (!self)
    throw Error(category::environment, "/proc/" + std::to_string(getpid()) + "/stat cannot be read",
                "mount /proc: amltrain recognises its processes by it");
  return *self;
}

bool is_alive(const ProcessIdentity& identity) { return identify(identity.pid) == identity; }

std::string boot_id() {
  std::string id = read_file("/proc/sys/kernel/random/boot_id");
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

std::filesystem::path own_executable() {
  std::error_code problem;
  std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", problem);
  if (problem) throw_errno("cannot find the path of this program", problem.value());
  return path;
}

}  // namespace amltrain
