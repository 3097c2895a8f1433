#include "job/queue_view.hpp"

#include <algorithm>
#include <map>

#include "compute/lease.hpp"
#include "compute/queue.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

/// Empty when that run has ended as it must.
std::string explain_predecessor(const Workspace& workspace, const Predecessor& before) {
  RunRecord record;
  try {
    record = read_run(workspace, before.run, Detail::state);
  } catch (const Error& problem) {
    if (problem.kind() != category::not_found) throw;
    if (before.any_end) return "";
    throw Error(category::canceled, "run " + before.run + ", for whose success it waited, was deleted");
  }
  if (!is_terminal(record.state))
    return std::string(before.any_end ? "waits for the end of run " : "waits for the success of run ") +
           before.run + ", which is " + name_of(record.state);
  if (before.any_end || record.state == State::completed) return "";
  throw Error(category::canceled, "run " + before.run + ", for whose success it waited, is " +
                                      name_of(record.state) +
                                      (record.reason.empty() ? "" : ": " + record.reason));
}

/// Reads each queue once.
class QueueReader {
 public:
  explicit QueueReader(const Workspace& workspace) : workspace_(workspace) {}

  void explain(RunRecord& run) try {
    if (run.state != State::queued || !run.definition.slurm_cluster.empty()) return;  // Slurm's reason stands
    const std::string& compute = run.definition.compute;
    const auto [known, fresh] = queues_.try_emplace(compute);
    if (fresh) known->second = queued_runs(workspace_, compute);
    const auto& queue = known->second;
    const auto found = std::find_if(queue.begin(), queue.end(),
                                    [&](const QueuedRun& queued) { return queued.run == run.definition.id; });
    if (found == queue.end()) {
      const std::string before = explain_predecessors(workspace_, parse_job(run.definition.job));
      if (!before.empty()) run.reason = before;
      return;
    }
    const auto ahead = found - queue.begin();
    run.queue_position = static_cast<int>(ahead) + 1;
    run.reason = ahead == 0 ? explain_slots(workspace_, read_compute(workspace_, compute), found->run,
                                            parse_job(run.definition.job).slots, found->note)
                            : std::to_string(ahead) + (ahead == 1 ? " run is" : " runs are") +
                                  " ahead of it in the queue of '" + compute + "'";
  } catch (const Error&) {  // it changes while we look, and its supervisor tells: the recorded reason stands
  }

 private:
  const Workspace& workspace_;
  std::map<std::string, std::vector<QueuedRun>> queues_;
};

}  // namespace

std::string explain_predecessors(const Workspace& workspace, const JobDefinition& job) {
  std::string waits;
  for (const Predecessor& before : job.after) {
    // All are looked at: one that failed ends the waiting for the others.
    const std::string one = explain_predecessor(workspace, before);
    if (waits.empty()) waits = one;
  }
  return waits;
}

std::string explain_slots(const Workspace& workspace, const ComputeTarget& target, const RunId& run,
                          int wanted, const std::string& busy) {
  constexpr std::size_t kShown = 4;
  const auto number = [](int count) { return std::to_string(count); };
  if (static_cast<int>(free_slots(workspace, target).size()) >= wanted)
    return "next; " + (wanted == 1 ? "a slot" : number(wanted) + " slots") + " of '" + target.name +
           (wanted == 1 ? "' is free" : "' are free") + (busy.empty() ? "" : ", but " + busy);
  std::string slots =
      target.max_nodes == 1 ? "the slot" : "one of the " + number(target.max_nodes) + " slots";
  if (wanted > 1) slots = number(wanted) + " of the " + number(target.max_nodes) + " slots";
  std::vector<std::string> holders;
  for (const SlotHolder& holder : slot_holders(workspace, target)) {
    if (holder.run == run) return busy.empty() ? "has a slot" : busy;  // nobody waits for itself
    holders.push_back(holder.run);
  }
  const bool more = holders.size() > kShown;
  if (more) holders.resize(kShown);
  return "next, when " + slots + " of '" + target.name + (wanted == 1 ? "' is free" : "' are free") +
         (holders.empty() ? "" : "; held by " + join(holders, ", ")) + (more ? ", ..." : "");
}

void explain_queue(const Workspace& workspace, std::vector<RunRecord>& runs) {
  QueueReader reader(workspace);
  for (RunRecord& run : runs) reader.explain(run);
}

void explain_queue(const Workspace& workspace, RunRecord& run) { QueueReader(workspace).explain(run); }

}  // namespace amltrain
