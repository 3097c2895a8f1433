// The Python environment of a run: found or built while it is in Preparing.
#pragma once

#include <functional>

#include "environment/store.hpp"
#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "job/process_keeper.hpp"
#include "support/process.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

struct ProvidedEnvironment {
  Environment environment;
  FileLock use;  // to be held as long as a process of the run lives: it is not built anew meanwhile
};

/// The environment that the job asks for. Where the run reproduces another, it is that one's as long as it is
/// there, and else built with the versions that it had. It is built where it is not there, in processes of
/// their own, with logs/environment.log; of any number of runs that ask for the same at once one builds, and
/// the others wait; one that is damaged is built anew once no run uses it any more. What builds is started as
/// `model` is. The run's events tell what is going on. `throw_if_stopped` is called between the steps, each
/// of which a request to stop and the run's time limit end. Throws as identify_environment() and
/// build_environment() do, Error{environment} where the builder met a full disk or no network, and
/// Error{timed_out}.
ProvidedEnvironment provide_environment(const Workspace& workspace, RunWriter& run, ProcessKeeper& keeper,
                                        const JobDefinition& job, const Command& model,
                                        const std::function<void()>& throw_if_stopped);

/// Puts the worker in it, as its activate script does with a shell: first in PATH, and VIRTUAL_ENV.
void enter_environment(Command& worker, const Environment& environment);

/// For conditions.json: {"sha256", "python", "built_by", "packages"}, the packages as they are there now.
json environment_conditions(const Environment& environment);

/// Of the machine's Python that `command`, a line for the shell, names; null when it names none.
json python_conditions(const std::string& command, const Command& worker);

}  // namespace amltrain
