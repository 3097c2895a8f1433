#include "history/slurm_view.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <mutex>

#include "slurm/client.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kFresh{1};
/// Finding out that nobody answers takes four seconds each time.
constexpr std::chrono::seconds kFreshSilence{10};

/// Whose job it is: not the caller's where he reads it under sudo, or in a workspace that several share.
uid_t submitter_of(const RunPaths& paths) {
  struct stat status {};
  return stat(paths.folder.c_str(), &status) == 0 ? status.st_uid : geteuid();
}

/// What was asked, in this process.
class Memory {
 public:
  void ask(const Workspace& workspace, const std::vector<RunId>& runs) {
    if (silent_until_ > Clock::now()) return;
    std::map<uid_t, std::vector<RunId>> wanted;
    for (const RunId& run : runs)
      if (!known(run)) wanted[submitter_of(RunPaths(workspace, run))].push_back(run);
    for (const auto& [user, of_user] : wanted) {
      take(of_user, ask_queue(of_user, user));
      if (!problem_.empty()) return;
    }
  }

  SlurmEvidence evidence(const Workspace& workspace, const RunRecord& run) {
    ask(workspace, {run.definition.id});
    if (!problem_.empty()) return {problem_, {}};
    SlurmEvidence seen{"", job_of(answers_[run.definition.id].jobs, run.definition.id, run.slurm_job),
                       !run.slurm_job.empty()};
    // Another cluster, which a shared folder may be mounted on too, knows nothing of it.
    if (!seen.job && cluster() != run.definition.slurm_cluster)
      seen.problem = cluster_.empty() ? "no cluster answers"
                                      : "here is cluster " + cluster_ + ", and its job is one of " +
                                            run.definition.slurm_cluster;
    return seen;
  }

 private:
  void take(const std::vector<RunId>& asked, QueueAnswer answer) {
    problem_ = answer.problem;
    silent_until_ = problem_.empty() ? Clock::time_point() : Clock::now() + kFreshSilence;
    for (const RunId& run : asked) answers_[run] = {Clock::now(), {}};
    for (SlurmJob& job : answer.jobs) answers_[job.name].jobs.push_back(std::move(job));
  }

  struct Answer {
    Clock::time_point at;
    std::vector<SlurmJob> jobs;
  };
  bool known(const RunId& run) const {
    const auto found = answers_.find(run);
    return found != answers_.end() && Clock::now() - found->second.at < kFresh;
  }
  const std::string& cluster() {
    if (cluster_.empty()) cluster_ = ask_cluster();
    return cluster_;
  }

  std::map<RunId, Answer> answers_;
  std::string problem_, cluster_;
  Clock::time_point silent_until_;
};

struct Shared {
  std::mutex mutex;
  Memory memory;
};
Shared& shared() {
  static Shared only;
  return only;
}

}  // namespace

SlurmEvidence slurm_evidence(const Workspace& workspace, const RunRecord& run) {
  const std::lock_guard guard(shared().mutex);
  return shared().memory.evidence(workspace, run);
}

void ask_slurm(const Workspace& workspace, const std::vector<RunId>& runs) {
  const std::lock_guard guard(shared().mutex);
  shared().memory.ask(workspace, runs);
}

}  // namespace amltrain
