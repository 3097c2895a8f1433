// Why a worker failed, in words for people and categories for scripts.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "history/run.hpp"
#include "job/process_keeper.hpp"
#include "support/error.hpp"

namespace amltrain {

/// The end of a log after its first `from` bytes: at most its last 64 KiB, as valid UTF-8.
std::string read_log_tail(const std::filesystem::path& log, std::uint64_t from = 0);

/// What ended badly, from how the worker ended and what it said last. Absent when it succeeded. The message
/// is the worker's own ("amltrain: ..." and its hint) when there is one, else the last five lines of the log.
/// Exit codes mean what docs/contract.md says only in a worker that is amltrain, or that passed on what
/// amltrain said: 3 of any other program is just a failure.
/// `memory_evidence` (memory_watch.hpp) is why a worker was killed, when there is some; `rank` is whose end
/// and log these are, none when they are mpirun's.
std::optional<Failure> explain_end(const ChildEnd& end, const std::string& log_tail, bool is_amltrain,
                                   std::optional<std::chrono::seconds> time_limit,
                                   const std::string& memory_evidence, std::optional<int> rank = 0);

/// Says which of several ranks it was that failed.
void name_rank(Failure& failure, int rank);

/// Puts what is wrong with hosts, which can't be reached or started nothing, before what the worker said.
/// Empty: nothing is. mpirun's code or signal says no more then.
void explain_host_fault(Failure& failure, const std::string& fault);

/// mpirun was found stopped by a signal, and killed for it.
void explain_stopped_mpirun(Failure& failure);

/// mpirun ended with a code of its own, and all ranks started and none failed.
void explain_lost_daemon(Failure& failure);

/// mpirun says that all went well, and not all ranks did.
Failure missing_ranks(const std::string& absent);

/// A stage that ended with `problem`.
Failure failure_of(State stage, const Error& problem);

}  // namespace amltrain
