// A place in the metrics file: what a training that is killed wrote after its checkpoint is written again by
// the one that goes on, and must not be there twice.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace amltrain::engine {

struct MetricsMark {
  std::string file;  // absolute; empty: there was none
  std::uint64_t bytes = 0;
  std::string tail_sha256;  // of the last bytes before the mark, at most 4096: the file is known by them
};

/// The end of `file` as it is now; one that is absent is empty.
MetricsMark mark_metrics(const std::filesystem::path& file);

/// Makes `file` end at the mark: the marked file is cut there; another file that is still empty gets the
/// marked file's beginning. False when neither can be, and the points before the mark are therefore not in
/// `file`.
bool return_to_mark(const std::filesystem::path& file, const MetricsMark& mark);

}  // namespace amltrain::engine
