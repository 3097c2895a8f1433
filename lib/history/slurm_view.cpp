#include "history/slurm_view.hpp"

#include <map>
#include <mutex>

#include "slurm/client.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kFresh{1};
/// Finding out that nobody answers takes four seconds each time.
constexpr std::chrono::seconds kFreshSilence{10};

/// What was asked, in this process.
class Memory {
 public:
  void ask(const std::vector<RunId>& runs) {
    if (silent_until_ > Clock::now()) return;
    std::vector<RunId> wanted;
    for (const RunId& run : runs)
      if (!known(run)) wanted.push_back(run);
    if (wanted.empty()) return;
    QueueAnswer answer = ask_queue(wanted);
    problem_ = answer.problem;
    silent_until_ = problem_.empty() ? Clock::time_point() : Clock::now() + kFreshSilence;
    for (const RunId& run : wanted) answers_[run] = {Clock::now(), {}};
    for (SlurmJob& job : answer.jobs) answers_[job.name].jobs.push_back(std::move(job));
  }

  SlurmEvidence evidence(const RunRecord& run) {
    ask({run.definition.id});
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

SlurmEvidence slurm_evidence(const RunRecord& run) {
  const std::lock_guard guard(shared().mutex);
  return shared().memory.evidence(run);
}

void ask_slurm(const std::vector<RunId>& runs) {
  const std::lock_guard guard(shared().mutex);
  shared().memory.ask(runs);
}

}  // namespace amltrain
