// Child processes, and the identity of a process beyond its pid.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/json.hpp"

namespace amltrain {

/// A pid alone can be reused; with the start time and the boot id it names one process for ever.
struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;  // field 22 of /proc/PID/stat, clock ticks since boot
  std::string boot_id;            // /proc/sys/kernel/random/boot_id

  bool operator==(const ProcessIdentity&) const = default;
};
void to_json(json& out, const ProcessIdentity& identity);
ProcessIdentity parse_process_identity(const json& in);

/// Absent when no such process is there (a zombie counts as gone).
std::optional<ProcessIdentity> identify(pid_t pid);
ProcessIdentity identify_self();
bool is_alive(const ProcessIdentity& identity);
std::string boot_id();

/// How a child ended.
struct ExitStatus {
  int code = 0;    // exit code, when signal is 0
  int signal = 0;  // terminating signal, else 0
  bool ok() const { return code == 0 && signal == 0; }
};
/// "exit code 3", "signal 9 (SIGKILL)"
std::string describe(const ExitStatus& status);

struct Command {
  std::vector<std::string> arguments;              // arguments[0] is searched in PATH
  std::map<std::string, std::string> environment;  // added to the inherited one
  std::filesystem::path working_folder;
  std::filesystem::path stdout_file, stderr_file;  // appended to; empty: inherited
  std::vector<int> inherited_fds;       // stay open in the child under the same number; all others are closed
  std::filesystem::path control_group;  // folder of one to join; where it can't, the child stays in its own
  bool new_session = false;             // setsid: outlives the terminal
  bool new_process_group = true;
  bool die_with_parent = true;  // PR_SET_PDEATHSIG SIGKILL
};
/// Starts the command with standard input from /dev/null. Throws Error{bad_input} naming a program that does
/// not exist or can't be run, Error{environment} when fork fails.
pid_t start_process(const Command& command);
ExitStatus wait_for(pid_t pid);

/// In a process that fork() made of `parent` and that never becomes another program: it dies with its parent,
/// is in a process group of its own, and is deaf to no signal. Ends the process when the parent has gone
/// already.
void become_helper_of(pid_t parent);

/// In such a process: closes all that its parent had open, locks among them, but `fd` and the standard
/// streams. Whoever may hang must not hold what others wait for.
void keep_only(int fd);

/// /proc/self/exe
std::filesystem::path own_executable();

/// What is installed beside it: `relative` to the folder above bin/, in the build tree and in an installed
/// folder alike ("lib/libamltrain_engine.so").
std::filesystem::path installed_path(const std::filesystem::path& relative);

}  // namespace amltrain
