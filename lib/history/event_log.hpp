// The lines of events.jsonl, as they prove themselves.
#pragma once

#include <cstddef>
#include <cstdint>
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
  std::string last;        // what the next line is chained to
  std::uint64_t size = 0;  // bytes that count
  bool unended = false;    // the last line that counts has no end
  bool torn = false;       // behind them is a line that doesn't: its writer was interrupted, or still writes
};

/// A line counts once it has its end, since it gets that when it is on disk (append_synced). One that has
/// none counts as well when it is whole and another boot of the machine wrote it: what is there now was on
/// disk, and may have been acknowledged. Throws Error{not_found} when there is no file.
EventLog read_event_log(const std::filesystem::path& file, const std::string& run_id);

/// Appends `event`, with the id of this boot, in place of a line that doesn't count. When this returns, the
/// event is on disk; when it throws Error{environment}, nobody ever reads it, short of a reboot. For the
/// holder of the run's lock; the file is there, if empty.
void append_event(const std::filesystem::path& file, const std::string& run_id, json event);

}  // namespace amltrain
