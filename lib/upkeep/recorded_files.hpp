// The files of an ended run against what the run recorded of them at its end.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "history/run_store.hpp"

namespace amltrain {

/// Of `entries`, those whose paths begin with `prefix` are the run's, by their path below its folder. Returns
/// for each that is not as the run's last event, its summary or its definition says what is wrong
/// ("'outputs/model.pt' is not the file that the run left"). A run whose supervisor was lost recorded nothing
/// to compare with. Throws Error{bad_input} when a document of it is damaged.
std::vector<std::string> differences_from_record(const RunPaths& run, std::span<const HashedFile> entries,
                                                 const std::string& prefix);

}  // namespace amltrain
