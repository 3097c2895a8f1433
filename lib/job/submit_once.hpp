// Submits that may be repeated: a key makes one run, however often and from however many shells it is used.
#pragma once

#include <functional>
#include <string>

#include "job/submit.hpp"

namespace amltrain {

struct SubmittedOnce {
  RunId run;
  bool is_new;  // false: an earlier submit with the key made it
};

/// The run of `key`, or the one that `submit` makes of `job`, under the id that it then has in job.name.
/// Submits with the same key wait for each other. One that was killed leaves a run that a supervisor took
/// over, which is then the key's, or none: a run that it left without a supervisor, and one that was deleted,
/// are replaced by a new one. Throws Error{conflict} when another run has the name: the key stays free.
/// Throws Error{bad_input} for a key that is empty or longer than 1 KiB.
SubmittedOnce submit_once(const Workspace& workspace, const std::string& key, JobDefinition job,
                          const std::function<RunId(const JobDefinition&)>& submit);

}  // namespace amltrain
