#include "job/ranks.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdlib>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/host.hpp"
#include "support/sealed.hpp"

namespace amltrain {
namespace {

constexpr const char* kSchema = "amltrain.rank/1";

std::filesystem::path file_of(const RunPaths& paths, int rank) {
  return paths.logs() / ("rank-" + std::to_string(rank) + ".json");
}

RankEnd parse_rank_end(const json& in) {
  require_schema(in, kSchema, "the end of a rank");
  RankEnd end;
  end.rank = field<int>(in, "rank");
  end.host = field<std::string>(in, "host");
  end.started_at = parse_iso8601(field<std::string>(in, "started_at"));
  end.ended_at = parse_iso8601(field<std::string>(in, "ended_at"));
  end.status.code = field_or<int>(in, "exit_code", 0);
  end.status.signal = field_or<int>(in, "signal", 0);
  return end;
}

/// What mpirun says of the process that it starts.
int number_from_mpirun(const char* name) {
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
          {"LOCAL_RANK", text(number_from_mpirun("OMPI_COMM_WORLD_LOCAL_RANK"))},
          {"WORLD_SIZE", text(number_from_mpirun("OMPI_COMM_WORLD_SIZE"))},
          {"LOCAL_WORLD_SIZE", text(number_from_mpirun("OMPI_COMM_WORLD_LOCAL_SIZE"))},
          {"NODE_RANK", text(rank / procs_per_node)}};
}

}  // namespace

int world_size(const JobDefinition& job) { return job.nodes * job.procs_per_node; }

void to_json(json& out, const RankEnd& end) {
  out = {{"schema", kSchema},
         {"rank", end.rank},
         {"host", end.host},
         {"started_at", to_iso8601(end.started_at)},
         {"ended_at", to_iso8601(end.ended_at)}};
  if (end.status.signal != 0)
    out["signal"] = end.status.signal;
  else
    out["exit_code"] = end.status.code;
}

void require_mpirun() {
  Command version;
  version.arguments = {"mpirun", "--version"};
  version.stdout_file = version.stderr_file = "/dev/null";
  try {
    if (wait_for(start_process(version)).ok()) return;
  } catch (const Error&) {  // there is none
  }
  throw Error(category::environment,
              "a run of several processes needs Open MPI, and there is no mpirun in PATH",
              "install it (Debian: openmpi-bin)");
}

std::vector<std::string> mpirun_words(const JobDefinition& job, const RunId& run,
                                      const std::vector<std::string>& words) {
  // Slots say who may run, so mpirun is not to count cores, nor to keep each rank on one of them.
  std::vector<std::string> all{
      "mpirun", "--oversubscribe", "--bind-to", "none", "-np", std::to_string(world_size(job))};
  if (geteuid() == 0) all.emplace_back("--allow-run-as-root");
  all.insert(all.end(), {own_executable().string(), "rank", "--run", run, "--procs-per-node",
                         std::to_string(job.procs_per_node), "--"});
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

int run_rank(const RunPaths& paths, int procs_per_node, const std::vector<std::string>& words) {
  RankEnd end;
  end.rank = number_from_mpirun("OMPI_COMM_WORLD_RANK");
  end.host = host_name();
  // mpirun asks the whole group to end: the command, and this process, which has the end to write down.
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) std::signal(signal, [](int) {});
  Command command;
  command.arguments = words;
  command.environment = variables_of_rank(end.rank, procs_per_node);
  command.stdout_file = command.stderr_file = paths.worker_log(end.rank);
  command.new_process_group = false;
  end.started_at = now();
  end.status = wait_for(start_process(command));
  end.ended_at = now();
  publish_file(file_of(paths, end.rank), sealed_text(end));
  return end.status.signal != 0 ? 128 + end.status.signal : end.status.code;
}

std::optional<RankEnd> first_failed_rank(const RunPaths& paths, int world_size) {
  std::optional<RankEnd> first;
  for (int rank = 0; rank < world_size; ++rank) {
    const auto file = file_of(paths, rank);
    std::error_code absent;
    if (!std::filesystem::exists(file, absent)) continue;  // killed before it could
    const RankEnd end = parse_rank_end(read_sealed(file));
    if (!end.status.ok() && (!first || end.ended_at < first->ended_at)) first = end;
  }
  return first;
}

void forget_rendezvous(const Command& ranks) {
  const auto rendezvous = ranks.environment.find("AMLTRAIN_RENDEZVOUS");
  if (rendezvous != ranks.environment.end())
    shm_unlink(("/amltrain-" + rendezvous->second).c_str());  // engine/parallel/shared_ranks.cpp
}

std::filesystem::path mpirun_log(const RunPaths& paths) { return paths.logs() / "mpirun.log"; }

void forget_rank_ends(const RunPaths& paths, int world_size) {
  for (int rank = 0; rank < world_size; ++rank) {
    std::error_code absent;
    std::filesystem::remove(file_of(paths, rank), absent);
  }
}

}  // namespace amltrain
