#include "job/run_hosts.hpp"

#include <algorithm>

#include "compute/queue.hpp"
#include "job/host_choice.hpp"
#include "job/previous_holder.hpp"
#include "job/ranks.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

bool contains(const std::vector<int>& slots, int slot) {
  return std::ranges::find(slots, slot) != slots.end();
}

/// What a training computes there is the same but for rounding, and it has what it was begun with.
bool are_alike(const Inventory& one, const Inventory& other) {
  return one.instruction_sets == other.instruction_sets && one.gpus.size() == other.gpus.size();
}

std::string count_of(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

RunHosts::RunHosts(const Workspace& workspace, std::string run, const JobDefinition& job, ComputeTarget all,
                   std::vector<int> slots)
    : workspace_(workspace),
      run_(std::move(run)),
      job_(job),
      all_(std::move(all)),
      slots_(std::move(slots)),
      started_(slots_) {}

std::vector<Host> RunHosts::hosts_of(const std::vector<int>& slots) const {
  std::vector<Host> hosts;
  for (const int slot : slots) hosts.push_back(all_.hosts.at(static_cast<std::size_t>(slot)));
  return hosts;
}

bool RunHosts::may_take(const Host& host) const {
  return !trainer_arguments(job_) || std::ranges::any_of(hosts_of(slots_), [&](const Host& own) {
    return are_alike(own.inventory, host.inventory);
  });
}

/// Returns the locks of what it got.
std::vector<int> RunHosts::take_others(std::size_t missing, const Ask& ask) {
  if (missing == 0 || !queued_runs(workspace_, all_.name).empty()) return {};  // theirs is the next free one
  std::vector<int> free = free_slots(workspace_, all_);
  std::erase_if(free, [&](int slot) {
    return contains(slots_, slot) || !may_take(all_.hosts.at(static_cast<std::size_t>(slot)));
  });
  if (free.empty()) return {};
  const HostFaults faults = ask(hosts_of(free));
  if (!faults) return {};
  std::vector<int> wanted;
  for (std::size_t i = 0; i < free.size() && wanted.size() < missing; ++i)
    if ((*faults)[i].empty()) wanted.push_back(free[i]);
  if (wanted.empty()) return {};
  auto lease = Lease::try_take(workspace_, all_, wanted, run_);
  if (!lease) return {};  // somebody was faster
  for (const std::string& before : lease->previous_holders())
    if (before != run_ && !is_gone(workspace_, before)) {
      lease->give_back();
      return {};
    }
  lease->forget_previous();
  slots_.insert(slots_.end(), wanted.begin(), wanted.end());
  taken_.push_back(std::move(*lease));
  return taken_.back().fds();
}

Start RunHosts::last_start() const {
  Start start{job_, all_};
  std::vector<int> in_order = started_;
  std::ranges::sort(in_order);
  start.job.nodes = static_cast<int>(started_.size());
  start.target.hosts = hosts_of_slots(all_.hosts, in_order);
  return start;
}

RunHosts::GoingOn RunHosts::go_on(const Ask& ask) {
  const auto wanted = static_cast<std::size_t>(job_.nodes);
  const HostFaults faults = ask(hosts_of(slots_));
  if (!faults) return {last_start(), "its hosts could not be asked: it tries them again", {}};
  std::vector<bool> usable;
  for (const std::string& fault : *faults) usable.push_back(fault.empty());
  const auto count = static_cast<std::size_t>(std::ranges::count(usable, true));
  std::vector<int> lost;
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (!usable[i]) lost.push_back(slots_[i]);

  GoingOn going;
  if (count < wanted) going.locks = take_others(wanted - count, ask);
  usable.resize(slots_.size(), true);
  const auto least = static_cast<std::size_t>(least_nodes(job_));
  const std::vector<std::size_t> chosen = choose_hosts(usable, wanted, least);
  const std::vector<int> before = started_;
  if (!chosen.empty()) {
    started_.clear();
    for (const std::size_t i : chosen) started_.push_back(slots_[i]);
  }
  going.start = last_start();
  if (chosen.empty())
    going.words = count_of(static_cast<std::size_t>(std::ranges::count(usable, true)), "host") +
                  " can be reached, and it needs " + std::to_string(least) + ": it tries again";
  else if (started_.size() < wanted || started_ != before)
    going.words = describe(going.start, lost);
  return going;
}

std::string RunHosts::describe(const Start& start, const std::vector<int>& lost) const {
  std::string words = "goes on with " + std::to_string(world_size(start.job)) + " of " +
                      count_of(static_cast<std::size_t>(world_size(job_)), "rank") + ", on " +
                      (start.job.nodes == 1 ? "host " : "hosts ") + names_of(start.target.hosts);
  if (!lost.empty()) words += ", without " + names_of(hosts_of(lost));
  return words;
}

void RunHosts::keep_result(std::map<std::string, std::string>& environment, const JobDefinition& started) {
  // By the cores of the smallest host, which may not be among them now.
  const auto threads = environment.find("OMP_NUM_THREADS");
  if (threads != environment.end()) {
    if (threads_.empty()) threads_ = threads->second;
    threads->second = threads_;
  }
  if (trainer_arguments(job_) && world_size(started) != world_size(job_))
    environment["AMLTRAIN_BEGUN_WITH"] = std::to_string(world_size(job_));
}

}  // namespace amltrain
