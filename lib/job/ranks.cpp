#include "job/ranks.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/run_memory.hpp"
#include "support/sealed.hpp"
#include "support/text.hpp"

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
  end.restart = field_or<int>(in, "restart", 0);
  end.host = field<std::string>(in, "host");
  end.started_at = parse_iso8601(field<std::string>(in, "started_at"));
  const auto ended_at = optional_field<std::string>(in, "ended_at");
  if (ended_at) end.ended_at = parse_iso8601(*ended_at);
  end.status.code = field_or<int>(in, "exit_code", 0);
  end.status.signal = field_or<int>(in, "signal", 0);
  end.asked = field_or<bool>(in, "asked_to_end", false);
  return end;
}

/// An NFS client may hold for a minute that a file is not there which another host has made since. When it
/// opens the folder it asks the server whether that has changed (nfs(5), close-to-open).
void look_anew(const std::filesystem::path& folder) {
  const Fd opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/// Absent: it did not start, or was killed before it could tell.
std::optional<RankEnd> read_rank_end(const RunPaths& paths, int rank) {
  const auto file = file_of(paths, rank);
  std::error_code absent;
  if (!std::filesystem::exists(file, absent)) return std::nullopt;
  try {
    return parse_rank_end(read_sealed(file));
  } catch (const Error&) {  // over NFS one that was replaced since it was opened is gone (ESTALE)
    return parse_rank_end(read_sealed(file));
  }
}

}  // namespace

int world_size(const JobDefinition& job) { return job.nodes * job.procs_per_node; }

int least_nodes(const JobDefinition& job) {
  if (job.min_nodes > 0) return job.min_nodes;
  return trainer_arguments(job) ? 1 : job.nodes;
}

bool is_started_by_mpirun(const JobDefinition& job, const ComputeTarget& target) {
  return world_size(job) > 1 || !target.hosts.empty();
}

void to_json(json& out, const RankEnd& end) {
  out = {{"schema", kSchema},
         {"rank", end.rank},
         {"host", end.host},
         {"started_at", to_iso8601(end.started_at)}};
  if (end.restart > 0) out["restart"] = end.restart;
  if (!end.ended_at) return;
  out["ended_at"] = to_iso8601(*end.ended_at);
  if (end.status.signal != 0)
    out["signal"] = end.status.signal;
  else
    out["exit_code"] = end.status.code;
  if (end.asked) out["asked_to_end"] = true;
}

void write_rank_end(const RunPaths& paths, const RankEnd& end) {
  std::error_code absent;
  if (std::filesystem::exists(paths.summary(), absent)) return;
  const auto there = read_rank_end(paths, end.rank);
  if (!there || there->restart <= end.restart) publish_file(file_of(paths, end.rank), sealed_text(end));
}

std::optional<RankEnd> first_failed_rank(const RunPaths& paths, int world_size, int restart) {
  look_anew(paths.logs());
  std::optional<RankEnd> first;
  // Hosts' clocks may be further apart than the ends of their ranks; the times of files are of one clock.
  std::filesystem::file_time_type first_written;
  for (int rank = 0; rank < world_size; ++rank) {
    const auto end = read_rank_end(paths, rank);
    if (!end || end->restart != restart || end->asked || !end->ended_at) continue;
    if (end->status.ok()) continue;
    std::error_code absent;
    const auto written = std::filesystem::last_write_time(file_of(paths, rank), absent);
    if (absent || (first && first_written <= written)) continue;
    first = end;
    first_written = written;
  }
  return first;
}

bool have_told(const RunPaths& paths, std::span<const int> ranks, int restart, bool all) {
  look_anew(paths.logs());
  for (const int rank : ranks) {
    const auto end = read_rank_end(paths, rank);
    const bool did_start = end && end->restart == restart;
    if (did_start ? !end->ended_at : all) return false;
  }
  return true;
}

bool have_succeeded(const RunPaths& paths, int world_size, int restart) {
  look_anew(paths.logs());
  for (int rank = 0; rank < world_size; ++rank) {
    const auto end = read_rank_end(paths, rank);
    if (!end || end->restart != restart || !end->ended_at || end->asked || !end->status.ok()) return false;
  }
  return true;
}

std::string describe_absent_ranks(const RunPaths& paths, const JobDefinition& job,
                                  const ComputeTarget& target, int restart) {
  look_anew(paths.logs());
  std::vector<std::string> absent;
  for (int rank = 0; rank < world_size(job); ++rank) {
    const auto end = read_rank_end(paths, rank);
    if (end && end->restart == restart) continue;
    const auto node = static_cast<std::size_t>(rank / job.procs_per_node);
    absent.push_back("rank " + std::to_string(rank) + " did not start" +
                     (node < target.hosts.size() ? " on host " + target.hosts[node].name : ""));
  }
  return join(absent, "; ");
}

void forget_rendezvous(const std::string& mark, const std::string& secret, int node) {
  shm_unlink(run_memory_name(mark, secret, node).c_str());
}

void forget_rank_ends(const RunPaths& paths, int world_size) {
  for (int rank = 0; rank < world_size; ++rank) {
    std::error_code absent;
    std::filesystem::remove(file_of(paths, rank), absent);
  }
}

}  // namespace amltrain
