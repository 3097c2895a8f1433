// notes.json: what people say of a run after it was submitted. It lies beside run.json, which never changes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/clock.hpp"
#include "support/json.hpp"

namespace amltrain {

struct RunPaths;

struct Note {
  Time time;
  std::string text;
};

/// schema amltrain.run-notes/1
struct RunNotes {
  std::map<std::string, std::optional<std::string>> tags;  // over those of the definition; absent: taken away
  std::vector<Note> notes;                                 // oldest first
  bool archived = false;                                   // left out of lists

  /// `tags` with the changes.
  std::map<std::string, std::string> apply(std::map<std::string, std::string> tags_before) const;
};

/// Empty when nobody has said anything. Throws Error{bad_input} when the document is damaged, or another
/// run's.
RunNotes read_notes(const RunPaths& paths);

/// Reads, changes and writes under a lock of the run's own, so that of several at once none is lost; on disk
/// when it returns. Throws Error{not_found} when the run is gone.
RunNotes change_notes(const RunPaths& paths, const std::function<void(RunNotes&)>& change);

}  // namespace amltrain
