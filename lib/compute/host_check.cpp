#include "compute/host_check.hpp"

#include <sys/mman.h>

#include <algorithm>

#include "compute/ssh.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/parallel.hpp"
#include "support/process.hpp"
#include "support/scratch_folder.hpp"
#include "support/text.hpp"
#include "workspace/making.hpp"

namespace amltrain {
namespace {

constexpr std::chrono::seconds kClockTolerance{5}, kPatience{25}, kConnectPatience{3}, kReachPatience{6};
constexpr std::uint64_t kLeastFree = std::uint64_t{1} << 30;
constexpr int kMostAtATime = 64;
constexpr std::string_view kAnswerBegins = "{\"schema\":\"amltrain.host-facts/";

/// A shell's own start-up files may print around it.
std::optional<HostFacts> facts_in(const std::string& text) try {
  const std::size_t begin = text.find(kAnswerBegins);
  if (begin == std::string::npos) return std::nullopt;
  return parse_host_facts(parse_json(text.substr(begin, text.find('\n', begin) - begin), "a host's answer"));
} catch (const Error&) {  // of another version
  return std::nullopt;
}

HostProblem unreachable(const std::string& why) {
  return {"can't be reached: " + why,
          "make `ssh -o BatchMode=yes HOST true` succeed, if need be with --ssh-config"};
}

HostProblem another_program() {
  const std::string program = own_executable().string();
  return {"has another build of " + program, "put the same one there, or on a path that all hosts share"};
}

HostProblem no_program(int code) {
  constexpr int kNotFound = 127, kNotExecutable = 126;
  if (code != kNotFound && code != kNotExecutable) return another_program();
  return {"has no program " + own_executable().string(),
          "put the same one there, or on a path that all hosts share"};
}

struct Asked {
  std::optional<HostFacts> facts;
  std::optional<HostProblem> problem;
};

class Round {
 public:
  Round(const Workspace& workspace, std::string ssh_config)
      : unnamed_(hold_off_gc(workspace)),
        scratch_(workspace.scratch_folder() / ("hosts-" + random_hex(8))),
        ssh_config_(std::move(ssh_config)) {
    own_.token = random_hex(16);
    publish_file(token_file(), own_.token);
    own_.program_sha256 = sha256_of_file(own_executable());
    own_.open_mpi = open_mpi_version();
  }

  Asked ask(const std::string& host) const {
    HostNeeds needs{own_, now(), {}};
    const std::string command =
        shell_quote(own_executable().string()) + " host-facts " + shell_quote(token_file().string());
    const SshAnswer answer =
        ask_by_ssh(host, ssh_options(ssh_config_), command, scratch_.path() / (host + ".errors"), kPatience);
    needs.after = now();
    if (!answer.problem.empty()) return {std::nullopt, unreachable(answer.problem)};
    auto facts = facts_in(answer.text);
    if (!facts) return {std::nullopt, no_program(answer.code)};
    auto problem = problem_of(*facts, needs);
    return {std::move(facts), std::move(problem)};
  }

 private:
  std::filesystem::path token_file() const { return scratch_.path() / "token"; }

  FileLock unnamed_;
  ScratchFolder scratch_;
  std::string ssh_config_;
  HostFacts own_;
};

SshAnswer reach(const std::string& host, const std::vector<std::string>& options,
                const std::string& command) {
  const Fd errors(memfd_create("ssh-errors", MFD_CLOEXEC));
  if (!errors) throw_errno("cannot take memory");
  return ask_by_ssh(host, options, command, "/proc/self/fd/" + std::to_string(errors.get()), kReachPatience);
}

/// Not one that is there and refuses, nor one of which the network knows that it isn't there.
bool may_be_busy(const SshAnswer& answer) {
  return answer.problem.starts_with(kNoAnswer) || answer.problem.find("timed out") != std::string::npos;
}

/// One error for all, each hint once.
void require_no_problem(const std::vector<HostLine>& lines, const std::vector<Asked>& asked) {
  std::vector<std::string> what, hints;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& problem = asked[i].problem;
    if (!problem) continue;
    what.push_back("host " + lines[i].name + " " + problem->what);
    if (std::ranges::find(hints, problem->hint) == hints.end()) hints.push_back(problem->hint);
  }
  if (!what.empty()) throw Error(category::environment, join(what, "; "), join(hints, "; "));
}

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

/// A machine that reaches itself by a loopback address has another one for the others: that which they were
/// asked from.
std::string address_for_others(const HostFacts& facts, const std::vector<Asked>& all) {
  if (!is_loopback(facts.address)) return facts.address;
  const auto other =
      std::ranges::find_if(all, [](const Asked& one) { return !is_loopback(one.facts->asked_from); });
  return other == all.end() ? facts.address : other->facts->asked_from;
}

}  // namespace

std::optional<HostProblem> problem_of(const HostFacts& host, const HostNeeds& needs) {
  if (host.program_sha256 != needs.own.program_sha256) return another_program();
  if (host.token != needs.own.token)
    return HostProblem{"does not see this workspace at the same path",
                       "put the workspace on a file system that all hosts have mounted at one path"};
  if (host.open_mpi.empty())
    return HostProblem{"has no Open MPI in the PATH of its ssh", "install it there (Debian: openmpi-bin)"};
  if (host.open_mpi != needs.own.open_mpi)
    return HostProblem{"has " + host.open_mpi + ", and this machine " +
                           (needs.own.open_mpi.empty() ? "none" : needs.own.open_mpi),
                       "install the same version of Open MPI on all"};
  if (host.time < needs.before - kClockTolerance || host.time > needs.after + kClockTolerance) {
    const bool late = host.time < needs.before;
    const auto apart = std::chrono::duration_cast<std::chrono::milliseconds>(late ? needs.before - host.time
                                                                                  : host.time - needs.after);
    return HostProblem{"has a clock that is " + human_duration(apart) + (late ? " late" : " early"),
                       "set the clocks by NTP (chrony, systemd-timesyncd)"};
  }
  if (host.free_bytes < kLeastFree)
    return HostProblem{
        "has " + human_bytes(host.free_bytes) + " of free disk at the workspace, and needs 1 GiB",
        "make room there"};
  return std::nullopt;
}

std::vector<Host> check_hosts(const Workspace& workspace, const std::vector<HostLine>& lines,
                              const std::string& ssh_config) {
  const Round round(workspace, ssh_config);
  std::vector<Asked> asked(lines.size());
  for_each_in_parallel(lines.size(), kMostAtATime,
                       [&](std::size_t i) { asked[i] = round.ask(lines[i].name); });
  require_no_problem(lines, asked);
  std::vector<Host> hosts;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const HostFacts& facts = *asked[i].facts;
    const int slots = lines[i].slots > 0 ? lines[i].slots : facts.inventory.cores;
    hosts.push_back({lines[i].name, slots, address_for_others(facts, asked),
                     facts.address == facts.asked_from, facts.free_bytes, facts.inventory});
  }
  return hosts;
}

// Makes nothing in the workspace: a gc would have to be waited for.
std::vector<std::string> faults_of(const Workspace& workspace, const std::vector<Host>& hosts,
                                   const std::string& ssh_config, Patience patience) {
  const std::vector<std::string> options = ssh_options(ssh_config, kConnectPatience);
  const std::string program = own_executable().string();
  // A host that has started anew may not have its shared folders yet. One that has them asks their server
  // when it opens a folder, whatever it has in mind of it (nfs(5), close-to-open).
  const std::string command = "test -x " + shell_quote(program) + " && ls " +
                              shell_quote(workspace.scratch_folder().string()) + " >/dev/null";
  std::vector<std::string> faults(hosts.size());
  for_each_in_parallel(hosts.size(), kMostAtATime, [&](std::size_t i) {
    SshAnswer answer = reach(hosts[i].name, options, command);
    if (patience == Patience::again && may_be_busy(answer)) answer = reach(hosts[i].name, options, command);
    if (!answer.problem.empty())
      faults[i] = unreachable(answer.problem).what;
    else if (answer.code != 0)
      faults[i] = "does not see " + program + " and this workspace";
  });
  return faults;
}

}  // namespace amltrain
