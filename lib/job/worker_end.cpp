#include "job/worker_end.hpp"

#include "job/failure.hpp"
#include "job/mpirun.hpp"
#include "job/ranks.hpp"
#include "support/regular_file.hpp"

namespace amltrain {
namespace {

/// What a worker before put in the log's place is removed: the next would wait for it, or write elsewhere.
std::uint64_t size_of_log(const std::filesystem::path& file) {
  std::error_code absent;
  if (is_irregular(file)) std::filesystem::remove(file, absent);
  const auto size = std::filesystem::file_size(file, absent);
  return absent ? 0 : size;
}

}  // namespace

LogsBefore::LogsBefore(const RunPaths& paths, const JobDefinition& job)
    : paths_(paths), mpirun_size_(size_of_log(mpirun_log(paths))) {
  for (int rank = 0; rank < world_size(job); ++rank) sizes_.push_back(size_of_log(paths.worker_log(rank)));
}

std::string LogsBefore::tail(std::optional<int> rank) const {
  return rank ? read_log_tail(paths_.worker_log(*rank), sizes_.at(static_cast<std::size_t>(*rank)))
              : read_log_tail(mpirun_log(paths_), mpirun_size_);
}

std::optional<int> rank_to_blame(const RunPaths& paths, const JobDefinition& job, int restart,
                                 ChildEnd& end) {
  if (end.by != EndedBy::itself) return std::nullopt;
  const auto first = first_failed_rank(paths, world_size(job), restart);
  if (!first && have_succeeded(paths, world_size(job), restart)) end.status = {};
  if (!first) return std::nullopt;
  end.status = first->status;
  return first->rank;
}

}  // namespace amltrain
