// What came out of a run.
#pragma once

#include <string>
#include <vector>

#include "history/run_store.hpp"

namespace amltrain {

struct Collected {
  RunSummary summary;
  std::vector<std::string> left_out;  // of outputs/ and logs/, each with why
};

/// Brings back what lies in folders that the worker made in place of its own, then puts the metrics file, the
/// logs and all files below outputs/ on disk and returns their summary: from here on a reader of summary.json
/// can trust its hashes, whatever happens to the machine.
Collected collect_results(const RunPaths& paths);

/// For people; empty when nothing was left out.
std::string describe_left_out(const std::vector<std::string>& left_out);

}  // namespace amltrain
