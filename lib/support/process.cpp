#include "support/process.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/pipe.hpp"
#include "support/umask.hpp"

namespace amltrain {
namespace {

/// What the child could not do before its program ran, sent to the parent over a pipe that exec closes.
struct StartFault {
  enum { setup, working_folder, program, parent_gone } step;
  int error_number;
};

bool is_executable_file(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && access(path.c_str(), X_OK) == 0;
}

/// arguments[0] as execvp(3) would find it. A name with '/' is left to the child, whose folder it is relative
/// to.
std::string find_program(const Command& command) {
  const std::string& name = command.arguments.front();
  if (name.find('/') != std::string::npos) return name;
  const auto own = command.environment.find("PATH");
  const char* inherited = std::getenv("PATH");
  const std::string path = own != command.environment.end() ? own->second
                           : inherited != nullptr           ? inherited
                                                            : "/usr/local/bin:/usr/bin:/bin";
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find(':', start), path.size());
    const std::string folder = path.substr(start, end - start);
    const std::string candidate = (folder.empty() ? "." : folder) + "/" + name;
    // Absolute, since the child may change its folder first.
    if (!name.empty() && is_executable_file(candidate)) return std::filesystem::absolute(candidate).string();
    start = end + 1;
  }
  throw Error(category::bad_input, "program '" + name + "' is not in PATH",
              "check its name, install it, or give its path");
}

std::vector<std::string> merged_environment(const Command& command) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!command.environment.contains(std::string(text.substr(0, text.find('='))))) merged.emplace_back(text);
  }
  for (const auto& [name, value] : command.environment) merged.push_back(name + "=" + value);
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> list;
  for (std::string& text : strings) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// Above 2, so that putting the standard streams in place never overwrites it.
Fd above_standard(Fd fd) {
  if (!fd || fd.get() > STDERR_FILENO) return fd;
  return Fd(fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

Fd open_for_child(const std::filesystem::path& path, int flags) {
  Fd fd = above_standard(Fd(open(path.c_str(), flags | O_CLOEXEC, 0666)));
  if (!fd) throw_errno("cannot open " + path.string());
  return fd;
}

/// All the child needs, made ready before fork: after it only async-signal-safe calls are allowed.
struct Prepared {
  std::string program;
  std::vector<std::string> arguments, environment;
  std::vector<char*> argument_pointers, environment_pointers;
  Fd standard_input, standard_output, standard_error;
  Fd fault_read, fault_write;
  Fd group_members;  // of the control group to join
  pid_t parent = getpid();

  explicit Prepared(const Command& command)
      : program(find_program(command)),
        arguments(command.arguments),
        environment(merged_environment(command)) {
    argument_pointers = pointers(arguments);
    environment_pointers = pointers(environment);
    standard_input = open_for_child("/dev/null", O_RDONLY);
    constexpr int kAppend = O_WRONLY | O_CREAT | O_APPEND;
    if (!command.stdout_file.empty()) standard_output = open_for_child(command.stdout_file, kAppend);
    if (!command.stderr_file.empty()) standard_error = open_for_child(command.stderr_file, kAppend);
    if (!command.control_group.empty())
      group_members =
          above_standard(Fd(open((command.control_group / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC)));
    Pipe faults;
    fault_read = above_standard(std::move(faults.read_end));
    fault_write = above_standard(std::move(faults.write_end));
    if (!fault_read || !fault_write) throw_errno("cannot make a pipe");
  }
};

[[noreturn]] void report(const Prepared& prepared, decltype(StartFault::step) step, int error_number) {
  const StartFault fault{step, error_number};
  const ssize_t sent = write(prepared.fault_write.get(), &fault, sizeof fault);
  _exit(sent == sizeof fault ? 127 : 126);
}

void require(const Prepared& prepared, bool done) {
  if (!done) report(prepared, StartFault::setup, errno);
}

/// Every descriptor above 2 closes at exec, except the inherited ones.
void mark_descriptors(const Prepared& prepared, const Command& command) {
  require(prepared, syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0);
  for (const int fd : command.inherited_fds) require(prepared, fcntl(fd, F_SETFD, 0) == 0);
}

void reset_signals(const Prepared& prepared) {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal)
    sigaction(signal, &standard, nullptr);  // some are not ours to set
  sigset_t none;
  sigemptyset(&none);
  require(prepared, sigprocmask(SIG_SETMASK, &none, nullptr) == 0);
}

/// PR_SET_PDEATHSIG goes off when the thread that forked ends: callers start processes from a thread that
/// stays.
void bind_to_parent(const Prepared& prepared) {
  require(prepared, prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
  if (getppid() != prepared.parent) report(prepared, StartFault::parent_gone, 0);  // it went before the prctl
}

[[noreturn]] void become(const Prepared& prepared, const Command& command) {
  if (command.die_with_parent) bind_to_parent(prepared);
  // "0" is the writer itself. Not to be in the group is no fault: it is one way of several to be found by.
  if (prepared.group_members && write(prepared.group_members.get(), "0", 1) != 1) errno = 0;
  if (command.new_session)
    require(prepared, setsid() >= 0);
  else if (command.new_process_group)
    require(prepared, setpgid(0, 0) == 0);
  require(prepared, dup2(prepared.standard_input.get(), STDIN_FILENO) >= 0);
  if (prepared.standard_output) require(prepared, dup2(prepared.standard_output.get(), STDOUT_FILENO) >= 0);
  if (prepared.standard_error) require(prepared, dup2(prepared.standard_error.get(), STDERR_FILENO) >= 0);
  if (!command.working_folder.empty() && chdir(command.working_folder.c_str()) != 0)
    report(prepared, StartFault::working_folder, errno);
  mark_descriptors(prepared, command);
  reset_signals(prepared);
  if (umask_of_programs() >= 0) umask(static_cast<mode_t>(umask_of_programs()));
  execve(prepared.program.c_str(), prepared.argument_pointers.data(), prepared.environment_pointers.data());
  report(prepared, StartFault::program, errno);
}

/// Signals stay blocked over fork: a handler of ours must not run in the child.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

[[noreturn]] void throw_fault(const StartFault& fault, const Command& command) {
  const std::string reason = std::strerror(fault.error_number);
  switch (fault.step) {
    case StartFault::working_folder:
      throw_errno("cannot run in folder " + command.working_folder.string(), fault.error_number);
    case StartFault::program:
      if (fault.error_number == ENOMEM || fault.error_number == EMFILE) break;
      throw Error(category::bad_input, "cannot run program '" + command.arguments.front() + "': " + reason,
                  fault.error_number == ENOEXEC ? "begin the script with a #! line"
                                                : "check its path and that it is executable");
    default:
      break;
  }
  throw Error(category::environment, "cannot start '" + command.arguments.front() + "': " + reason);
}

}  // namespace

void become_helper_of(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void keep_only(int fd) {
  const auto kept = static_cast<unsigned>(fd);
  if (kept > STDERR_FILENO + 1) close_range(STDERR_FILENO + 1, kept - 1, 0);
  close_range(std::max<unsigned>(kept, STDERR_FILENO) + 1, ~0U, 0);
}

pid_t start_process(const Command& command) {
  if (command.arguments.empty()) throw Error(category::bad_input, "an empty command cannot be run");
  Prepared prepared(command);
  pid_t child = -1;
  {
    const BlockedSignals blocked;
    child = fork();
    if (child == 0) become(prepared, command);
  }
  if (child < 0)
    throw Error(category::environment,
                "cannot start '" + command.arguments.front() + "': " + std::strerror(errno),
                "check the limits on memory and processes (ulimit -u)");
  prepared.fault_write.reset();
  StartFault fault{};
  ssize_t count = 0;
  do count = read(prepared.fault_read.get(), &fault, sizeof fault);
  while (count < 0 && errno == EINTR);
  if (count == 0) return child;  // exec closed the pipe
  wait_for(child);
  if (count < 0) throw_errno("cannot start '" + command.arguments.front() + "'");
  throw_fault(fault, command);
}

ExitStatus wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) throw_errno("cannot wait for process " + std::to_string(pid));
  }
  if (WIFSIGNALED(status)) return {0, WTERMSIG(status)};
  return {WEXITSTATUS(status), 0};
}

std::string describe(const ExitStatus& status) {
  if (status.signal == 0) return "exit code " + std::to_string(status.code);
  const char* name = sigabbrev_np(status.signal);
  return "signal " + std::to_string(status.signal) +
         (name != nullptr ? " (SIG" + std::string(name) + ")" : "");
}

}  // namespace amltrain
