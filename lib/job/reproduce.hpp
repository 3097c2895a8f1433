// Doing a run again from its record, and telling whether it came out the same.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "history/compare_metrics.hpp"
#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "support/process.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// The job of an ended run, to be submitted once more, on `compute` unless that is empty. Looks whether all
/// that it was made from is still there: throws Error{conflict} while the run goes on, Error{not_found} when
/// its data, its snapshot or its compute target is gone, Error{bad_input} when its data or its snapshot is
/// not what it was.
JobDefinition job_to_reproduce(const Workspace& workspace, const RunRecord& original,
                               const std::string& compute = "");

/// Submits it, with the snapshot of the run and nothing of the folder that it came from.
RunId submit_again(const Workspace& workspace, const JobDefinition& job, const RunId& original,
                   const std::filesystem::path& program = own_executable());

enum class Verdict { identical, within_tolerance, different };
const char* name_of(Verdict verdict);

/// Something that was one way for the original and is another now.
struct Change {
  std::string what;  // "machine.cpu_model", "data.fingerprint"
  json before, now;
};

struct OutputComparison {
  bool counted = false;  // for the verdict
  std::uint64_t same = 0;
  std::vector<std::string> different, missing, extra;  // paths
};

/// schema amltrain.reproduction/1
struct Reproduction {
  RunRecord original, run;
  double tolerance = 0;
  MetricComparison metrics;
  OutputComparison outputs;
  std::vector<Change> changed;  // in what they ran under

  bool ended_alike() const;
  Verdict verdict() const;
  /// 0 unless it is different; then how the new run ended where that is the difference, else 1.
  int exit_code() const;
};
void to_json(json& out, const Reproduction& reproduction);

/// Both runs have ended. Metrics that tell of the machine, and report.json of the built-in trainer, are left
/// out. Outputs count for the built-in trainer, and where there are no metrics: other programs write times
/// and paths.
Reproduction compare_runs(const Workspace& workspace, const RunId& original, const RunId& run,
                          double tolerance);

}  // namespace amltrain
