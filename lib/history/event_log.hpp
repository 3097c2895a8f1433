// The lines of events.jsonl, as they prove themselves.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "support/json.hpp"

namespace amltrain {

/// Each line is chained to the one above (support/sealed.hpp), the first to the run's id: a line that was
/// changed, lost, moved or brought from another run is found, but for whole lines lost at the end.
struct EventLog {
  struct Fault {
    std::size_t line;  // counts from 1
    std::string problem;
    bool damaged;  // false: readable, though it carries no hash
  };
  std::vector<json> events;  // of the lines that are JSON
  std::vector<Fault> faults;
  std::string last;   // what the next line is chained to
  bool torn = false;  // the last line has no end: its writer was interrupted, or still writes
};

/// A line that is no JSON is none of a fault when the next one follows the line before it: a crash cut it
/// short, and the next append ended it. Throws Error{not_found} when there is no file.
EventLog read_event_log(const std::filesystem::path& file, const std::string& run_id);

}  // namespace amltrain
