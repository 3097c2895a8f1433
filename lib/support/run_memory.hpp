// Shared memory of the ranks of a run, by name: those who end a run find it when nobody who made it is left.
#pragma once

#include <string>

namespace amltrain {

/// The variable that every process of a run is started with; no command prints its value, so that no other
/// process is likely to have it.
constexpr const char* kRunMark = "AMLTRAIN_RUN_MARK";

/// The name (shm_open(3)) of what the ranks of one host share. `mark`: of the run, empty outside of one;
/// `secret`: of this start; `node`: the host's place in the run. It tells neither.
std::string run_memory_name(const std::string& mark, const std::string& secret, int node);

/// Removes all of the run's on this machine.
void forget_run_memory(const std::string& mark);

}  // namespace amltrain
