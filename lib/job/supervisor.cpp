#include "job/supervisor.hpp"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <utility>

#include "checkpoint/folder.hpp"
#include "job/allocation.hpp"
#include "job/collect.hpp"
#include "job/failure.hpp"
#include "job/gpu_wish.hpp"
#include "job/host_questions.hpp"
#include "job/input_watch.hpp"
#include "job/memory_watch.hpp"
#include "job/mpirun.hpp"
#include "job/preparation.hpp"
#include "job/process_keeper.hpp"
#include "job/queue_wait.hpp"
#include "job/ranks.hpp"
#include "job/record_conditions.hpp"
#include "job/resource_sampler.hpp"
#include "job/restart.hpp"
#include "job/resume.hpp"
#include "job/run_environment.hpp"
#include "job/run_hosts.hpp"
#include "job/run_keeper.hpp"
#include "job/run_processes.hpp"
#include "job/secret_inputs.hpp"
#include "job/secret_variables.hpp"
#include "job/worker.hpp"
#include "job/worker_end.hpp"
#include "support/error.hpp"
#include "support/host.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

/// Between SIGTERM and SIGKILL: what a worker has to write its last checkpoint.
constexpr std::chrono::seconds kGrace{10};

/// For ranks to end that mpirun has asked to, and for what they write to be seen.
constexpr std::chrono::seconds kRankPatience{5};
constexpr std::chrono::seconds kFilePatience{70};

/// NFS 4 lets go of the locks of a machine that is gone after a minute and a half.
constexpr std::chrono::minutes kLockPatience{5};

constexpr const char* kRaiseSlurmLimit =
    "raise --timeout, or the job's own: compute create --sbatch-arg=--time=4:00:00";

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// Those that say something.
std::string join_notices(std::vector<std::string> notices) {
  std::erase(notices, "");
  return join(notices, "; ");
}

class Supervision {
 public:
  Supervision(const Workspace& workspace, RunWriter& run, const RunKeeper& run_keeper, Fd ready,
              std::optional<Allocation> allocation = std::nullopt)
      : workspace_(workspace),
        run_(run),
        run_keeper_(run_keeper),
        ready_(std::move(ready)),
        allocation_(std::move(allocation)) {}

  void walk() {
    JobDefinition job = parse_job(run_.definition().job);
    take_inputs(job);
    std::optional<Slot> slot;
    if (allocation_)
      begin_in_slurm();
    else
      slot = queue(job);
    record(State::preparing, allocation_ ? allocation_->describe() : "has a slot");
    prepared_ = prepare_run(workspace_, run_, job, keeper_, processes_, [this] { throw_if_stopped(); });
    if (prepared_.environment) run_keeper_.hold({prepared_.environment->use.fd()});
    if (slot && !slot->target.hosts.empty())
      hosts_.emplace(workspace_, run_.definition().id, job,
                     read_compute(workspace_, run_.definition().compute), slot->lease.slots());
    const WorkEnd worked = allocation_ ? work(job, allocated_target(job), allocation_->describe())
                                       : work(job, slot->target, describe(*slot));
    finalize(job, worked);
  }

  /// After an exception: nothing of the run stays alive, and its end is recorded if the disk lets us.
  void end_with(const Error& problem) {
    processes_.end(keeper_);
    if (is_terminal(run_.state())) return;
    if (problem.kind() == category::canceled) {
      switch (intent_of_slurm()) {
        case SlurmIntent::end_it:
        case SlurmIntent::unknown:
          return leave_to_slurm();
        case SlurmIntent::time_limit:
          return record_failure(Error(category::timed_out,
                                      "the run reached the time limit of its job in Slurm", kRaiseSlurmLimit),
                                kTimeLimit);
        case SlurmIntent::nothing:
          break;
      }
      if (run_.state() >= State::running) try_to_write_summary();  // between two starts of its worker
      if (run_.state() != State::cancel_requested) record(State::cancel_requested, problem.what());
      return record(State::canceled, problem.what());
    }
    record_failure(problem);
  }

 private:
  void record_failure(const Error& problem, const char* cause = "") {
    Event end = event(State::failed, first_line(problem.what()));
    end.failure = failure_of(run_.state(), problem);
    if (*cause != '\0') end.failure->cause = cause;
    run_.record(std::move(end));
  }

  static Event event(State state, std::string reason) {
    Event made{};
    made.time = now();
    made.state = state;
    made.reason = std::move(reason);
    return made;
  }
  void record(State state, std::string reason) { run_.record(event(state, std::move(reason))); }

  bool is_cancel_requested() const { return std::filesystem::exists(run_.paths().cancel_request()); }
  std::string stop_reason() const {
    return is_cancel_requested() ? "canceled on request" : "the supervisor was asked to stop by a signal";
  }
  bool is_stop_requested() const { return keeper_.stop_requested() || is_cancel_requested(); }
  void throw_if_stopped() const {
    if (is_stop_requested()) throw Error(category::canceled, stop_reason());
  }

  /// What is behind a request to stop that is no cancel.
  SlurmIntent intent_of_slurm() const {
    return allocation_ && !is_cancel_requested() ? allocation_->intent() : SlurmIntent::nothing;
  }

  /// A job that is to make way for another isn't started again if it ends by itself.
  void leave_to_slurm() {
    constexpr int kMostSilent = 10;  // a controller that is gone for longer won't start the job again soon
    for (int silent = 0; silent < kMostSilent; keeper_.wait(std::chrono::seconds(2))) {
      const auto answer = allocation_->is_to_make_way();
      if (answer && !*answer) return;
      silent = answer ? 0 : silent + 1;
    }
  }

  /// Slurm signals all processes of a job that it ends: the worker may be gone before this one is told, and
  /// one that takes SIGTERM well looks done.
  void heed_slurm(ChildEnd& end) {
    if (end.by == EndedBy::time_limit) return;
    const SlurmIntent intent = intent_of_slurm();
    const bool stopped = end.by == EndedBy::stop;
    const bool maybe_stopped = stopped || keeper_.stop_requested();
    if (intent == SlurmIntent::end_it || (intent == SlurmIntent::unknown && maybe_stopped))
      throw Error(category::canceled, "Slurm ends its job");
    if (intent != SlurmIntent::time_limit || !stopped) return;
    end.by = EndedBy::time_limit;
    slurm_limit_ = allocation_->time_limit();
  }

  void begin_in_slurm() {
    const RunRecord before = read_recorded(run_.paths());
    if (before.state == State::cancel_requested) throw Error(category::canceled, stop_reason());
    const bool again = before.state > State::queued;
    if (again) requeued_ = allocation_->explain_requeue(before);
    // Its worker goes on then: as after a restart.
    if (before.started_at) restarts_before_ = static_cast<int>(before.restarts.size()) + 1;
    Event queued = event(State::queued, again ? requeued_ : allocation_->describe());
    queued.slurm_job = allocation_->job();
    processes_.describe(queued);
    run_.record(std::move(queued));
    throw_if_stopped();
  }

  ComputeTarget allocated_target(const JobDefinition& job) const {
    ComputeTarget target = allocation_->target(run_.definition().compute, job);
    if (const auto threads = threads_begun_with(job, run_.paths())) target.threads = *threads;
    return target;
  }

  Slot queue(const JobDefinition& job) {
    const std::string& compute = run_.definition().compute;
    const RunId& id = run_.definition().id;
    QueuePlace place = QueuePlace::take_number(workspace_, compute, id, job.priority);
    Event queued = event(State::queued, "waits for a slot of compute target '" + compute + "'");
    processes_.describe(queued);
    run_.record(std::move(queued));
    announce_ready();
    throw_if_stopped();
    const auto sleep = [this](std::chrono::milliseconds patience, int fd) {
      keeper_.wait(patience, fd);
      throw_if_stopped();
    };
    const auto find_busy = [this](const std::vector<std::string>& runs) {
      auto busy = gpu_driver_.ask(keeper_, runs);
      throw_if_stopped();
      return busy;
    };
    const auto tell = [this](const std::string& why) { record(State::queued, why); };
    Slot slot = wait_for_slot(workspace_, id, compute, job, place, {sleep, find_busy, tell});
    // With the keeper too, so that the slot is not free before all processes have gone.
    run_keeper_.hold(slot.lease.fds());
    return slot;
  }

  void announce_ready() {
    if (!ready_) return;
    const char byte = 1;
    if (write(ready_.get(), &byte, 1) != 1)
      std::cerr << "amltrain: the submitter has gone; the run goes on\n";
    ready_.reset();
  }

  struct WorkEnd {
    ChildEnd end;
    std::optional<Failure> failure;
  };

  /// Runs the worker, again when it was lost and the job lets us.
  WorkEnd work(const JobDefinition& whole, const ComputeTarget& where_whole, const std::string& where) {
    const auto begun = std::chrono::steady_clock::now();
    std::string reason = restarts_before_ > 0 ? requeued_ + "; " + where : where;
    Start start{whole, where_whole};
    for (int restarts = 0;; ++restarts) {
      const auto& [job, target] = start;
      const int number = restarts_before_ + restarts;
      Worker worker = make_worker(workspace_, run_, job, target, prepared_.command, number);
      if (hosts_) hosts_->keep_result(worker.command.environment, job);
      if (!prepared_.verified_lock.empty())
        worker.command.environment["AMLTRAIN_VERIFIED_LOCK"] = prepared_.verified_lock;
      if (prepared_.environment) enter_environment(worker.command, prepared_.environment->environment);
      if (restarts == 0)
        record_conditions(run_, job, target, prepared_, worker, keeper_, [this] { throw_if_stopped(); });
      const LogsBefore logs(run_.paths(), job);
      const bool by_mpirun = is_started_by_mpirun(job, target);
      if (by_mpirun) forget_rank_ends(run_.paths(), world_size(whole));
      processes_.take_in(worker.command);
      if (by_mpirun) start_by_mpirun(worker, run_, job, target);
      const MemoryWatch memory;
      keeper_.take_used();
      const ResourceSampler sampler;  // ends with the processes of the run
      const pid_t pid = start_process(worker.command);
      record_running(pid, std::move(reason), number);
      MpirunDoubt doubt(run_.paths(), job, target, number, pid);
      std::function<bool()> is_stuck;
      if (by_mpirun) is_stuck = [&doubt] { return doubt.is_stuck(); };
      ChildEnd end = keeper_.attend(
          pid, time_left(begun), kGrace, [this] { record_stop(); }, is_stuck);
      processes_.end(keeper_);
      processes_.forget_memory();
      resources_ = together(resources_, used_by_worker(sampler));
      HostFaults host_faults;
      if (by_mpirun && may_have_lost_host(end, target))
        host_faults =
            faults_now(target.hosts, target.ssh_config, Patience::once);  // the end is to be told soon
      if (by_mpirun) await_ranks_elsewhere(end, start, number, host_faults);
      heed_slurm(end);
      const std::optional<int> rank = by_mpirun ? rank_to_blame(run_.paths(), job, number, end) : 0;
      auto failure =
          explain_end(end, logs.tail(rank), worker.is_amltrain,
                      slurm_limit_ ? slurm_limit_ : run_.definition().timeout, memory.evidence(pid), rank);
      if (failure && slurm_limit_) failure->hint = kRaiseSlurmLimit;
      if (by_mpirun && end.by == EndedBy::itself)
        explain_ranks_end(failure, {run_.paths(), start, number, doubt, host_faults}, rank);
      if (restarts == job.max_restarts || !failure || !is_restartable(end, *failure))
        return {end, std::move(failure)};
      pause(pause_before_restart(*failure, restarts));
      reason = "restart " + std::to_string(restarts + 1) + " of " + std::to_string(job.max_restarts) + ": " +
               first_line(failure->message);
      if (hosts_) reason += go_on_elsewhere(start);
    }
  }

  /// When its ranks are about to start again: on which hosts. Returns what is to be said of that.
  std::string go_on_elsewhere(Start& start) {
    RunHosts::GoingOn going = hosts_->go_on([&](const std::vector<Host>& hosts) {
      return faults_now(hosts, start.target.ssh_config, Patience::again);
    });
    if (!going.locks.empty()) run_keeper_.hold(going.locks);
    start = std::move(going.start);
    return going.words.empty() ? "" : "; " + going.words;
  }

  HostFaults faults_now(const std::vector<Host>& hosts, const std::string& ssh_config, Patience patience) {
    HostFaults faults = ask_hosts(workspace_, hosts, ssh_config, patience, keeper_);
    throw_if_stopped();
    return faults;
  }

  /// On other hosts ranks may take a little longer to end than mpirun, and write down that they did: before
  /// what is written is hashed. A request to stop that comes meanwhile becomes the end.
  void await_ranks_elsewhere(ChildEnd& end, const Start& start, int number, const HostFaults& faults) {
    const std::vector<int> ranks = ranks_that_can_tell(start, faults);
    if (ranks.empty()) return;
    const bool all = end.by == EndedBy::itself && end.status.ok();
    // A file that wasn't there is looked for again after a minute on NFS (nfs(5), acdirmax).
    const bool is_late = all && is_on_shared_file_system(run_.paths().folder);
    const auto patience = is_late ? kFilePatience : kRankPatience;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!have_told(run_.paths(), ranks, number, all) && std::chrono::steady_clock::now() < deadline) {
      keeper_.wait(std::chrono::milliseconds(50));
      if (end.by != EndedBy::itself || !is_stop_requested()) continue;
      end.by = EndedBy::stop;
      return record_stop();
    }
  }

  ResourceUse used_by_worker(const ResourceSampler& sampler) {
    ResourceUse use = sampler.seen();
    const ProcessKeeper::Taken taken = keeper_.take_used();
    use.cpu_seconds = std::max(0.0, taken.cpu_seconds - sampler.own_cpu_seconds());
    if (taken.largest_bytes > use.peak_memory_bytes.value_or(0)) use.peak_memory_bytes = taken.largest_bytes;
    return use;
  }

  void record_running(pid_t pid, std::string reason, int restarts) {
    Event running = event(State::running, std::move(reason));
    running.worker = identify(pid);
    running.data_fingerprint = prepared_.data_fingerprint;
    if (restarts > 0) running.restart = restarts;
    run_.record(std::move(running));
  }

  std::optional<std::chrono::seconds> time_left(std::chrono::steady_clock::time_point begun) const {
    const auto& limit = run_.definition().timeout;
    if (!limit) return std::nullopt;
    const auto gone = std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - begun);
    return std::max(*limit - gone, std::chrono::seconds(0));
  }

  void pause(std::chrono::milliseconds duration) {
    const auto end = std::chrono::steady_clock::now() + duration;
    while (true) {
      throw_if_stopped();
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      if (left.count() <= 0) return;
      keeper_.wait(left);
    }
  }

  /// The worker is ending already: a disk that can't take the event must not keep it from being ended.
  void record_stop() {
    try {
      if (allocation_ && !is_cancel_requested())
        record(run_.state(), "its job in Slurm was asked to end");
      else
        record(State::cancel_requested, stop_reason());
    } catch (const Error& problem) {
      std::cerr << "amltrain: " << problem.what() << '\n';
    }
  }

  /// What the command, or anybody else, did to inputs that it was to read; empty when nothing is known.
  std::string changed_inputs(const JobDefinition& job) {
    if (!prepared_.input_marks) return "";
    const auto now = ask_for_marks(workspace_, job, keeper_);
    return now ? describe_changed(*prepared_.input_marks, *now) : "";
  }

  void finalize(const JobDefinition& job, const WorkEnd& worked) {
    const ChildEnd& end = worked.end;
    // Where mpirun's code says nothing, the failure has none.
    const bool says_nothing = worked.failure && !worked.failure->code && !worked.failure->signal;
    const std::optional<int> code =
        end.status.signal == 0 && !says_nothing ? std::optional(end.status.code) : std::nullopt;
    if (end.by == EndedBy::stop) {
      write_summary();
      Event canceled = event(State::canceled, stop_reason());
      canceled.exit_code = code;
      return run_.record(std::move(canceled));
    }
    Event finalizing = event(State::finalizing, "the worker ended with " + describe(end.status));
    finalizing.exit_code = code;
    run_.record(std::move(finalizing));
    const auto& failure = worked.failure;
    write_summary();
    const std::string notices = join_notices({changed_inputs(job), describe_left_out(left_out_)});
    Event last =
        event(failure ? State::failed : State::completed, failure ? first_line(failure->message) : notices);
    last.exit_code = code;
    last.failure = failure;
    const auto add_hint = [&](const std::string& hint) {
      last.failure->hint += (last.failure->hint.empty() ? "" : "; ") + hint;
    };
    if (last.failure && !checkpoint_names(run_.paths().checkpoints()).empty())
      add_hint(go_on_hint(run_.definition().id));
    if (last.failure && !notices.empty()) add_hint(notices);
    run_.record(std::move(last));
    if (failure) return;
    std::error_code left;  // what is done needs no checkpoint; one that stays does no harm
    std::filesystem::remove_all(run_.paths().checkpoints(), left);
  }

  void write_summary() {
    Collected collected = collect_results(run_.paths());
    collected.summary.resources = resources_;
    run_.write_summary(collected.summary);
    left_out_ = std::move(collected.left_out);
  }

  void try_to_write_summary() {
    try {
      write_summary();
    } catch (const Error& problem) {
      std::cerr << "amltrain: " << problem.what() << '\n';
    }
  }

  const Workspace& workspace_;
  RunWriter& run_;
  const RunKeeper& run_keeper_;
  Fd ready_;
  ProcessKeeper keeper_;
  GpuDriver gpu_driver_;
  Prepared prepared_;
  ResourceUse resources_;              // of all workers so far
  std::vector<std::string> left_out_;  // of its results
  RunProcesses processes_{run_.definition().id};
  const std::optional<Allocation> allocation_;       // absent: its place is a slot
  std::optional<RunHosts> hosts_;                    // of a target of kind mpi
  std::string requeued_;                             // why, where Slurm has started it again
  int restarts_before_ = 0;                          // of the worker, in earlier starts of the job
  std::optional<std::chrono::seconds> slurm_limit_;  // that the worker met
};

void walk_to_the_end(Supervision& supervision) {
  try {
    supervision.walk();
  } catch (const Error& problem) {
    supervision.end_with(problem);
  } catch (const std::exception& problem) {
    supervision.end_with(Error(category::internal, problem.what()));
  }
}

}  // namespace

void supervise(const Workspace& workspace, RunWriter writer, int ready_fd) {
  Fd ready(ready_fd);
  try {
    const RunKeeper keeper;
    if (keeper.is_supervisor()) {
      Supervision supervision(workspace, writer, keeper, std::move(ready));
      return walk_to_the_end(supervision);
    }
    ready.reset();  // the submitter is to see when the supervisor has gone
    keeper.keep(writer);
  } catch (const std::exception& problem) {
    // Not even the end could be recorded. The lock goes with this process, and whoever reads the run next
    // settles it.
    std::cerr << "amltrain: " << problem.what() << '\n';
  }
}

int supervise_in_slurm(const Workspace& workspace, const RunId& id) {
  // Of a submitter that has not left yet, or of a node that is gone and whose lock a network file system
  // keeps.
  RunWriter writer =
      RunWriter::resume(workspace, id, FileLock::acquire(RunPaths(workspace, id).lock(), kLockPatience));
  if (!is_terminal(writer.state())) {
    Allocation allocation = Allocation::of_this_process();
    const RunKeeper keeper;
    if (keeper.is_supervisor()) {
      Supervision supervision(workspace, writer, keeper, Fd(), std::move(allocation));
      walk_to_the_end(supervision);
      return 0;
    }
    keeper.attend();
  }
  // Slurm is told as well, so that a job that waits for this one's success knows.
  const RunRecord ended = read_recorded(writer.paths());
  return is_terminal(ended.state) ? exit_code_of(ended) : static_cast<int>(category::run_failed);
}

}  // namespace amltrain
