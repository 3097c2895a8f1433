// What a run does in the state Preparing.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "job/definition.hpp"
#include "job/input_watch.hpp"
#include "job/process_keeper.hpp"
#include "job/run_environment.hpp"
#include "job/run_processes.hpp"

namespace amltrain {

/// What the worker is started with.
struct Prepared {
  std::string command;  // its placeholders replaced
  std::optional<ProvidedEnvironment> environment;
  std::optional<std::string> data_fingerprint;
  std::map<std::string, std::string> input_fingerprints;  // of the others, by name
  std::optional<InputMarks> input_marks;                  // before the command; absent: not known
  std::string verified_lock;                              // that the data were compared with; empty: none
};

/// Finds the inputs, makes the folders of outputs, lays the source out, copies what is to be copied, finds or
/// builds the Python environment, names the data by its content, and compares it with its lock. What takes
/// long is done in processes of their own, which a request to stop ends; `throw_if_stopped` then throws. A
/// run that is started from its beginning once more keeps what its command has worked in before, and gets the
/// rest anew.
Prepared prepare_run(const Workspace& workspace, RunWriter& run, const JobDefinition& job,
                     ProcessKeeper& keeper, RunProcesses& processes,
                     const std::function<void()>& throw_if_stopped);

}  // namespace amltrain
