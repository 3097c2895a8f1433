#include "job/rank_process.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>

#include "job/life_watch.hpp"
#include "job/process_keeper.hpp"
#include "job/ranks.hpp"
#include "job/unheard.hpp"
#include "support/error.hpp"
#include "support/host.hpp"
#include "support/life_sign.hpp"
#include "support/process_tree.hpp"
#include "support/run_memory.hpp"

namespace amltrain {
namespace {

/// From SIGTERM to SIGKILL: about what mpirun gives.
constexpr std::chrono::seconds kGrace{2};

/// What mpirun, or the run, says of the process that mpirun starts.
int number_from(const char* name) {
  const char* const text = std::getenv(name);
  int number = -1;
  if (text != nullptr) {
    const std::string_view digits(text);
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (problem != std::errc{} || end != digits.data() + digits.size()) number = -1;
  }
  if (number < 0)
    throw Error(category::bad_input, std::string(name) + " is no rank's: mpirun starts this command",
                "to start several processes: amltrain submit --procs-per-node N");
  return number;
}

/// As torchrun names them. On one machine every rank is local, whatever nodes it stands for: a script takes
/// its GPU by its local rank.
std::map<std::string, std::string> variables_of_rank(int rank, int procs_per_node) {
  const auto text = [](int number) { return std::to_string(number); };
  return {{"RANK", text(rank)},
          {"LOCAL_RANK", text(number_from("OMPI_COMM_WORLD_LOCAL_RANK"))},
          {"WORLD_SIZE", text(number_from("OMPI_COMM_WORLD_SIZE"))},
          {"LOCAL_WORLD_SIZE", text(number_from("OMPI_COMM_WORLD_LOCAL_SIZE"))},
          {"NODE_RANK", text(rank / procs_per_node)}};
}

int code_of(const ExitStatus& status) { return status.signal != 0 ? 128 + status.signal : status.code; }

/// mpirun's daemon on a host, where that is what started the rank. On mpirun's own machine that is mpirun,
/// whose connections the supervisor sees to.
std::optional<pid_t> daemon_if(pid_t launcher) {
  std::string name;
  std::ifstream("/proc/" + std::to_string(launcher) + "/comm") >> name;
  return name == "orted" ? std::optional(launcher) : std::nullopt;
}

/// False when it has ended, whether or not somebody has waited for it.
bool is_running(pid_t pid) {
  const auto fields = stat_fields(pid);
  return fields && !fields->starts_with(" Z");
}

/// In the words of a worker that ends with that error: a restart may help.
void say_that_it_is_silent(const RunPaths& paths, const RankEnd& end, std::chrono::seconds silent) {
  std::ofstream(paths.worker_log(end.rank), std::ios::app)
      << "amltrain: rank " << end.rank << " on host " << end.host << " has given no sign for "
      << silent.count() << " s, and no other rank said so\n"
      << "          look for what stopped them, or for a disk or network that does not answer\n";
}

/// What a disk that can't take it keeps untold must not keep the command from being ended.
void try_to_write(const RunPaths& paths, const RankEnd& end) {
  try {
    write_rank_end(paths, end);
  } catch (const Error& problem) {
    std::cerr << "amltrain: " << problem.what() << '\n';
  }
}

pid_t start_or_tell(const RunPaths& paths, const Command& command, RankEnd end) try {
  return start_process(command);
} catch (const Error& problem) {
  end.ended_at = now();
  end.status = {problem.exit_code(), 0};
  try_to_write(paths, end);
  throw;
}

/// Runs the command to its end, which comes when the rank passes on a request to end, or is gone itself, or
/// when mpirun's machine can't be reached any more: the daemon here may wait a quarter of an hour for it. Or
/// when all ranks of the built-in trainer are stuck, and none is left to name another.
int keep(const RunPaths& paths, Command command, RankEnd end, pid_t rank) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  setpgid(0, 0);
  ProcessKeeper keeper;
  if (getppid() != rank) return 1;
  const pid_t launcher = parent_of(rank);
  const std::optional<pid_t> daemon = daemon_if(launcher);
  bool is_alone = false, is_cut_off = false, is_silent = false;
  const LifeSign life = LifeSign::make();
  LifeWatch watch;
  if (std::getenv("AMLTRAIN_RENDEZVOUS") != nullptr) life.give_to(command);
  end.started_at = now();
  write_rank_end(paths, end);
  const auto on_stop = [&] {
    is_alone = getppid() != rank;
    if (!is_alone || is_silent) return;
    // The rank can only have been killed, and this process may not live to tell it later.
    end.ended_at = now();
    end.status = {0, SIGKILL};
    end.asked = !is_running(launcher);
    try_to_write(paths, end);
  };
  const auto is_stuck = [&] {
    const auto silent = watch.look(life.shown(), life.patience(), LifeWatch::Clock::now());
    if (silent && !is_silent && !is_cut_off) {
      is_silent = true;
      say_that_it_is_silent(paths, end, *silent);
      end.status = {static_cast<int>(category::environment), 0};
      end.ended_at = now();
      try_to_write(paths, end);  // at once: a process that waits for a disk may not end when killed
    }
    return is_silent || (is_cut_off = is_cut_off || (daemon && is_unheard(*daemon)));
  };
  const ChildEnd ended = keeper.attend(start_or_tell(paths, command, end), {}, kGrace, on_stop, is_stuck);
  keeper.end_descendants();
  const char *const secret = std::getenv("AMLTRAIN_RENDEZVOUS"), *const mark = std::getenv(kRunMark);
  if (secret != nullptr && mark != nullptr)
    forget_rendezvous(mark, secret, end.rank / number_from("OMPI_COMM_WORLD_LOCAL_SIZE"));
  if (is_cut_off) kill(*daemon, SIGKILL);
  if (is_alone || is_silent) return code_of(end.status);
  end.ended_at = now();
  end.status = ended.status;
  end.asked = is_cut_off || ended.by == EndedBy::stop;
  write_rank_end(paths, end);
  return code_of(end.status);
}

[[noreturn]] void be_keeper(const RunPaths& paths, const Command& command, const RankEnd& end, pid_t rank) {
  int code = static_cast<int>(category::internal);
  try {
    code = keep(paths, command, end, rank);
  } catch (const Error& problem) {
    std::cerr << "amltrain: " << problem.what() << '\n';
    code = problem.exit_code();
  } catch (const std::exception& problem) {
    std::cerr << "amltrain: " << problem.what() << '\n';
  }
  std::_Exit(code);
}

}  // namespace

int run_rank(const RunPaths& paths, int procs_per_node, const std::vector<std::string>& words) {
  RankEnd end;
  end.rank = number_from("OMPI_COMM_WORLD_RANK");
  if (std::getenv("AMLTRAIN_RESTARTS") != nullptr) end.restart = number_from("AMLTRAIN_RESTARTS");
  end.host = host_name();
  Command command;
  command.arguments = words;
  command.environment = variables_of_rank(end.rank, procs_per_node);
  command.stdout_file = command.stderr_file = paths.worker_log(end.rank);
  prctl(PR_SET_PDEATHSIG, SIGTERM);  // of mpirun's daemon
  ProcessKeeper processes;
  const pid_t self = getpid(), keeper = fork();
  if (keeper < 0)
    throw Error(category::environment, "cannot start a process", "check the limits on processes (ulimit -u)");
  if (keeper == 0) be_keeper(paths, command, end, self);
  end.started_at = now();
  const ExitStatus status = processes.attend_supervisor(keeper);
  processes.end_descendants();  // what a keeper that failed, or was killed, has left behind
  if (status.signal == 0) return status.code;
  end.ended_at = now();
  end.status = status;
  write_rank_end(paths, end);
  return code_of(status);
}

}  // namespace amltrain
