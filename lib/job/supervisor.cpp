#include "job/supervisor.hpp"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <utility>

#include "checkpoint/folder.hpp"
#include "compute/host_check.hpp"
#include "dataset/lock.hpp"
#include "job/collect.hpp"
#include "job/conditions.hpp"
#include "job/data_fingerprint.hpp"
#include "job/errand.hpp"
#include "job/failure.hpp"
#include "job/gpu_wish.hpp"
#include "job/input_copy.hpp"
#include "job/input_location.hpp"
#include "job/input_watch.hpp"
#include "job/job_paths.hpp"
#include "job/memory_watch.hpp"
#include "job/mpirun.hpp"
#include "job/process_keeper.hpp"
#include "job/queue_wait.hpp"
#include "job/ranks.hpp"
#include "job/resource_sampler.hpp"
#include "job/restart.hpp"
#include "job/run_environment.hpp"
#include "job/run_keeper.hpp"
#include "job/run_processes.hpp"
#include "job/secret_inputs.hpp"
#include "job/secret_variables.hpp"
#include "job/worker.hpp"
#include "job/worker_end.hpp"
#include "job/working_folder.hpp"
#include "support/error.hpp"
#include "support/sealed.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

/// Between SIGTERM and SIGKILL: what a worker has to write its last checkpoint.
constexpr std::chrono::seconds kGrace{10};

/// For hosts to answer when a run on them has failed.
constexpr std::chrono::seconds kHostPatience{20};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// "slot 0 of 'local'", "slots 0, 2 of 'four'", "hosts n1, n2 of 'lab'"
std::string describe(const Slot& slot) {
  const std::vector<Host>& hosts = slot.target.hosts;
  if (!hosts.empty())
    return (hosts.size() == 1 ? "host " : "hosts ") + names_of(hosts) + " of '" + slot.target.name + "'";
  std::vector<std::string> words;
  for (const int number : slot.lease.slots()) words.push_back(std::to_string(number));
  return (words.size() == 1 ? "slot " : "slots ") + join(words, ", ") + " of '" + slot.target.name + "'";
}

class Supervision {
 public:
  Supervision(const Workspace& workspace, RunWriter& run, const RunKeeper& run_keeper, Fd ready)
      : workspace_(workspace), run_(run), run_keeper_(run_keeper), ready_(std::move(ready)) {}

  void walk() {
    JobDefinition job = parse_job(run_.definition().job);
    take_inputs(job);
    const Slot slot = queue(job);
    const std::string command = prepare(job);
    const WorkEnd worked = work(job, slot, command);
    finalize(job, worked);
  }

  /// After an exception: nothing of the run stays alive, and its end is recorded if the disk lets us.
  void end_with(const Error& problem) {
    processes_.end(keeper_);
    if (is_terminal(run_.state())) return;
    if (problem.kind() == category::canceled) {
      if (run_.state() != State::cancel_requested) record(State::cancel_requested, problem.what());
      return record(State::canceled, problem.what());
    }
    Event end = event(State::failed, first_line(problem.what()));
    end.failure = failure_of(run_.state(), problem);
    run_.record(std::move(end));
  }

 private:
  static Event event(State state, std::string reason) {
    Event made{};
    made.time = now();
    made.state = state;
    made.reason = std::move(reason);
    return made;
  }
  void record(State state, std::string reason) { run_.record(event(state, std::move(reason))); }

  std::string stop_reason() const {
    return std::filesystem::exists(run_.paths().cancel_request())
               ? "canceled on request"
               : "the supervisor was asked to stop by a signal";
  }
  void throw_if_stopped() const {
    if (keeper_.stop_requested() || std::filesystem::exists(run_.paths().cancel_request()))
      throw Error(category::canceled, stop_reason());
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

  /// The command to run. Finds the inputs, makes the folders of outputs, names the data by its content, and
  /// compares it with its lock.
  std::string prepare(const JobDefinition& job) {
    record(State::preparing, "has a slot");
    const auto values = placeholder_values(workspace_, job, run_.paths().folder);
    for (const auto& [name, output] : job.outputs) {
      if (output.type != "uri_file") create_folders(run_.paths().outputs() / name);
    }
    if (!run_.definition().snapshot.empty()) lay_out_source();
    if (!job.environment.empty()) find_environment_of(job);
    copy_inputs(job);
    const auto& data = run_.definition().data;
    const auto lock = data ? lock_of_data(*data) : std::nullopt;
    if (data && (lock || data->fingerprint.empty())) {
      const Errand errand([&] {
        return lock ? require_locked(*lock, image_folder_root(data->folder)) : fingerprint_data(data->folder);
      });
      data_fingerprint_ = result_of(errand);
      if (lock) verified_lock_ = lock->string();
    }
    input_marks_ = ask_for_marks(workspace_, job, keeper_);
    throw_if_stopped();
    return expand_command(job, values);
  }

  void find_environment_of(const JobDefinition& job) {
    Command builder;
    builder.environment = job.environment_variables;
    std::erase_if(builder.environment,
                  [](const auto& variable) { return variable.second == kNotKept; });  // inherited
    processes_.take_in(builder);
    environment_ =
        provide_environment(workspace_, run_, keeper_, job, builder, [this] { throw_if_stopped(); });
    run_keeper_.hold({environment_->use.fd()});
  }

  /// Waits until the errand is done, or throws when the run is asked to end before.
  std::string result_of(const Errand& errand) {
    const ChildEnd end = keeper_.attend(errand.pid(), {}, std::chrono::seconds(0), [] {});
    throw_if_stopped();
    return errand.result(end.status);
  }

  /// In a process of its own: a large source takes long, and a request to stop ends it.
  void lay_out_source() {
    const Errand errand([&] {
      make_working_folder(workspace_, run_.definition().snapshot, run_.paths());
      return std::string();
    });
    result_of(errand);
  }

  /// In a process of its own, as above.
  void copy_inputs(const JobDefinition& job) {
    const bool any = std::any_of(job.inputs.begin(), job.inputs.end(),
                                 [](const auto& input) { return is_copied(input.second); });
    if (!any) return;
    const Errand errand([&] {
      make_input_copies(workspace_, job, run_.paths());
      return std::string();
    });
    result_of(errand);
  }

  /// What was fetched from the web has no name here but its folder's.
  std::optional<std::filesystem::path> lock_of_data(const DataReference& data) const {
    return lock_of(workspace_, is_web_address(data.name) ? data.folder.string() : data.name, data.folder);
  }

  struct WorkEnd {
    ChildEnd end;
    std::optional<Failure> failure;
  };

  /// Runs the worker, again when it was lost and the job lets us.
  WorkEnd work(const JobDefinition& job, const Slot& slot, const std::string& command) {
    const auto begun = std::chrono::steady_clock::now();
    std::string reason = describe(slot);
    for (int restarts = 0;; ++restarts) {
      Worker worker = make_worker(workspace_, run_, job, slot.target, command, restarts);
      if (!verified_lock_.empty()) worker.command.environment["AMLTRAIN_VERIFIED_LOCK"] = verified_lock_;
      if (environment_) enter_environment(worker.command, environment_->environment);
      if (restarts == 0) write_conditions(job, slot.target, command, worker);
      const LogsBefore logs(run_.paths(), job);
      const bool by_mpirun = is_started_by_mpirun(job, slot.target);
      if (by_mpirun) forget_rank_ends(run_.paths(), world_size(job));
      processes_.take_in(worker.command);
      if (by_mpirun) start_by_mpirun(worker, run_, job, slot.target);
      const MemoryWatch memory;
      keeper_.take_used();
      const ResourceSampler sampler;  // ends with the processes of the run
      const pid_t pid = start_process(worker.command);
      record_running(pid, std::move(reason), restarts);
      MpirunDoubt doubt(run_.paths(), job, slot.target, pid);
      std::function<bool()> is_stuck;
      if (by_mpirun) is_stuck = [&doubt] { return doubt.is_stuck(); };
      ChildEnd end = keeper_.attend(
          pid, time_left(begun), kGrace, [this] { record_stop(); }, is_stuck);
      processes_.end(keeper_);
      forget_rendezvous(worker.command);
      resources_ = together(resources_, used_by_worker(sampler));
      const std::optional<int> rank = by_mpirun ? rank_to_blame(run_.paths(), job, end) : 0;
      auto failure = explain_end(end, logs.tail(rank), worker.is_amltrain, run_.definition().timeout,
                                 memory.evidence(pid), rank);
      if (failure && end.by == EndedBy::itself && !slot.target.hosts.empty())
        explain_hosts(*failure, rank, job, slot.target);
      if (restarts == job.max_restarts || !failure || !is_restartable(end, *failure))
        return {end, std::move(failure)};
      pause(pause_before_restart(*failure, restarts));
      reason = "restart " + std::to_string(restarts + 1) + " of " + std::to_string(job.max_restarts) + ": " +
               first_line(failure->message);
    }
  }

  /// Which hosts can't be reached says more than what that did to a rank.
  void explain_hosts(Failure& failure, std::optional<int> rank, const JobDefinition& job,
                     const ComputeTarget& target) {
    std::string fault = unreachable_hosts(target);
    if (fault.empty() && !rank) fault = describe_absent_ranks(run_.paths(), job, target);
    explain_host_fault(failure, fault);
  }

  /// In a process of its own: ssh may take its time.
  std::string unreachable_hosts(const ComputeTarget& target) {
    const Errand asking([&] { return unreachable_among(workspace_, target.hosts, target.ssh_config); });
    const auto status = keeper_.await(asking.pid(), kHostPatience);
    throw_if_stopped();
    return status ? asking.result(*status) : "";
  }

  void write_conditions(const JobDefinition& job, const ComputeTarget& target, const std::string& command,
                        const Worker& worker) {
    // In a process of its own: a driver can keep waiting whoever asks it for its GPUs. Then it is done
    // without.
    const auto take = [&](const Inventory& machine) {
      json taken = take_conditions(job, target, command, worker, machine);
      taken["run"] = run_.definition().id;
      taken["environment"] = environment_ ? environment_conditions(environment_->environment) : json(nullptr);
      return taken;
    };
    const Errand asking([&] { return sealed_text(take(take_inventory())); }, Errand::Keeps::nothing);
    const auto status = keeper_.await(asking.pid(), kDriverPatience);
    throw_if_stopped();
    if (status) return publish_file(run_.paths().conditions(), asking.result(*status));
    const Errand without_gpus([&] {
      json taken = take(take_inventory_without_gpus());
      taken["machine"]["gpus"] = nullptr;  // not known
      return sealed_text(taken);
    });
    publish_file(run_.paths().conditions(), result_of(without_gpus));
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
    running.data_fingerprint = data_fingerprint_;
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
      record(State::cancel_requested, stop_reason());
    } catch (const Error& problem) {
      std::cerr << "amltrain: " << problem.what() << '\n';
    }
  }

  /// What the command, or anybody else, did to inputs that it was to read; empty when nothing is known.
  std::string changed_inputs(const JobDefinition& job) {
    if (!input_marks_) return "";
    const auto now = ask_for_marks(workspace_, job, keeper_);
    return now ? describe_changed(*input_marks_, *now) : "";
  }

  void finalize(const JobDefinition& job, const WorkEnd& worked) {
    const ChildEnd& end = worked.end;
    const std::optional<int> code = end.status.signal == 0 ? std::optional(end.status.code) : std::nullopt;
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
    const std::string changed = changed_inputs(job);
    Event last =
        event(failure ? State::failed : State::completed, failure ? first_line(failure->message) : changed);
    last.exit_code = code;
    last.failure = failure;
    const auto add_hint = [&](const std::string& hint) {
      last.failure->hint += (last.failure->hint.empty() ? "" : "; ") + hint;
    };
    if (last.failure && !checkpoint_names(run_.paths().checkpoints()).empty())
      add_hint(go_on_hint(run_.definition().id));
    if (last.failure && !changed.empty()) add_hint(changed);
    run_.record(std::move(last));
    if (failure) return;
    std::error_code left;  // what is done needs no checkpoint; one that stays does no harm
    std::filesystem::remove_all(run_.paths().checkpoints(), left);
  }

  void write_summary() {
    RunSummary summary = collect_results(run_.paths());
    summary.resources = resources_;
    run_.write_summary(summary);
  }

  const Workspace& workspace_;
  RunWriter& run_;
  const RunKeeper& run_keeper_;
  Fd ready_;
  ProcessKeeper keeper_;
  GpuDriver gpu_driver_;
  std::optional<ProvidedEnvironment> environment_;
  std::optional<std::string> data_fingerprint_;
  std::optional<InputMarks> input_marks_;  // before the command; absent: not known
  ResourceUse resources_;                  // of all workers so far
  RunProcesses processes_{run_.definition().id};
  std::string verified_lock_;  // that the data were compared with; empty: none
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

}  // namespace amltrain
