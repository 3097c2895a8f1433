#include <unistd.h>

#include <sstream>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/process.hpp"
#include "support/process_tree.hpp"

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
  auto stat = stat_fields(pid);
  if (!stat) return std::nullopt;
  std::istringstream fields(std::move(*stat));
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

std::filesystem::path installed_path(const std::filesystem::path& relative) {
  return (own_executable().parent_path() / ".." / relative).lexically_normal();
}

}  // namespace amltrain
