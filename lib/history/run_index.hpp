// What lists say of runs that have ended, in one file: a list of ten thousand runs opens no other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "history/run_row.hpp"
#include "support/files.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// A folder as it was at some moment: whatever is made, removed or renamed in it changes its times.
struct FolderStamp {
  std::uint64_t inode = 0;
  std::int64_t modified = 0, changed = 0;  // nanoseconds since 1970

  bool operator==(const FolderStamp&) const = default;
};

/// runs.index in the store, a cache: made by lists, and of no loss when it is deleted. A row counts only
/// while the run's folder has the stamp that it had before its documents were read for the row; nothing that
/// happens to a run that has ended leaves that as it was. A folder that was changed in the last two seconds
/// gets no row: its next change might not show in the clock's ticks.
class RunIndex {
 public:
  /// Without rows when there is no file, or one that is damaged or of another version.
  explicit RunIndex(const Workspace& workspace);

  /// Fills in the empty `row`. False when nothing is known of the run, or its folder has changed.
  bool find(const RunId& run, const FolderStamp& stamp, RunRow& row) const;
  /// Remembers a run that has ended.
  void add(const RunRow& run, const FolderStamp& stamp);

  /// Writes the index anew when enough was added to be worth it. `known` are the runs there are, sorted. A
  /// store that can't be written has none, which is no error.
  void save(const std::vector<RunId>& known) const;

 private:
  struct Line {
    std::string_view id, fields;  // of text_
  };
  const Line* line_of(std::string_view id) const;

  std::filesystem::path file_;
  std::string text_;
  std::vector<Line> lines_;             // sorted by id
  mutable std::size_t next_ = 0;        // the line behind the one found last: lists ask in order
  std::map<RunId, std::string> added_;  // line by id
  std::int64_t youngest_;               // folders changed after this get no row
};

/// Of runs/RUN below the open folder runs/. Absent when there is none.
std::optional<FolderStamp> stamp_of_run(int runs_folder, const RunId& run);

}  // namespace amltrain
