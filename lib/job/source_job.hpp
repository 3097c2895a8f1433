// A program of the user's own as a job.
#pragma once

#include <string>
#include <vector>

#include "job/definition.hpp"
#include "snapshot/scan.hpp"

namespace amltrain {

struct SourceEntry {
  std::string file;                    // in the source; empty: the one that default_entry() finds
  std::string python;                  // of *.py alone: a name in PATH or a path; empty: python3
  std::vector<std::string> arguments;  // may hold ${{inputs.NAME}}
};

/// The job that runs the entry of a source: *.sh by bash, *.py by Python, anything else by itself. The shell
/// gives way to it (exec), so that its exit code or signal is the run's. Throws Error{not_found} when the
/// entry is not in the snapshot, saying why; Error{bad_input} when it can't be run.
JobDefinition source_job(const SourceScan& scan, const SourceEntry& entry);

/// The first of train.sh, train.py, run.sh, main.py; else the only file at the top that can be run. Throws
/// Error{bad_input} when that leaves none or a choice.
std::string default_entry(const Snapshot& snapshot);

}  // namespace amltrain
