#include "history/run_index.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "support/error.hpp"
#include "support/hash.hpp"

namespace amltrain {
namespace {

constexpr std::string_view kHeader = "amltrain.run-index/3 ";
constexpr std::size_t kHashDigits = 64;
constexpr std::chrono::seconds kSettled{2};
/// Rows that a list may do without: reading them again takes less than writing all.
constexpr std::size_t kFewRows = 64;

std::int64_t nanoseconds(const statx_timestamp& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

/// A field between tabs; what would end it is written with a backslash.
void append_field(std::string& line, std::string_view value) {
  for (const char letter : value) {
    if (letter == '\t' || letter == '\n' || letter == '\\') line += '\\';
    line += letter == '\t' ? 't' : letter == '\n' ? 'n' : letter;
  }
  line += '\t';
}
void append_field(std::string& line, std::int64_t value) { line += std::to_string(value) += '\t'; }

std::string_view take_field(std::string_view& fields) {
  const std::size_t end = std::min(fields.find('\t'), fields.size());
  const std::string_view field = fields.substr(0, end);
  fields.remove_prefix(std::min(end + 1, fields.size()));
  return field;
}

std::string take_text(std::string_view& fields) {
  const std::string_view field = take_field(fields);
  if (field.find('\\') == std::string_view::npos) return std::string(field);
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '\\' && i + 1 < field.size()) {
      ++i;
      text += field[i] == 't' ? '\t' : field[i] == 'n' ? '\n' : field[i];
    } else {
      text += field[i];
    }
  }
  return text;
}

std::int64_t take_number(std::string_view& fields) {
  std::int64_t value = 0;
  const char* const end = std::from_chars(fields.data(), fields.data() + fields.size(), value).ptr;
  fields.remove_prefix(std::min(static_cast<std::size_t>(end - fields.data()) + 1, fields.size()));
  return value;
}

std::int64_t milliseconds(const std::optional<Time>& time) {
  return time ? time->time_since_epoch().count() : -1;
}

std::optional<Time> take_time(std::string_view& fields) {
  const std::int64_t value = take_number(fields);
  return value < 0 ? std::nullopt : std::optional(Time(std::chrono::milliseconds(value)));
}

FolderStamp take_stamp(std::string_view& fields) {
  FolderStamp stamp;
  stamp.inode = static_cast<std::uint64_t>(take_number(fields));
  stamp.modified = take_number(fields);
  stamp.changed = take_number(fields);
  return stamp;
}

std::string text_of(const RunRow& run, const FolderStamp& stamp) {
  std::string line;
  append_field(line, run.id);
  append_field(line, static_cast<std::int64_t>(stamp.inode));
  append_field(line, stamp.modified);
  append_field(line, stamp.changed);
  append_field(line, milliseconds(run.submitted_at));
  append_field(line, static_cast<std::int64_t>(run.state));
  append_field(line, run.archived ? 1 : 0);
  append_field(line, milliseconds(run.started_at));
  append_field(line, milliseconds(run.ended_at));
  append_field(line, run.experiment);
  append_field(line, run.compute);
  for (const auto& [key, value] : run.tags) {
    append_field(line, key);
    append_field(line, value);
  }
  return line;
}

}  // namespace

std::optional<FolderStamp> stamp_of_run(int runs_folder, const RunId& run) {
  struct statx status {};
  constexpr unsigned kWanted = STATX_INO | STATX_MTIME | STATX_CTIME;
  if (statx(runs_folder, run.c_str(), AT_SYMLINK_NOFOLLOW, kWanted, &status) != 0) return std::nullopt;
  return FolderStamp{status.stx_ino, nanoseconds(status.stx_mtime), nanoseconds(status.stx_ctime)};
}

RunIndex::RunIndex(const Workspace& workspace)
    : file_(workspace.run_index_file()),
      youngest_(std::chrono::duration_cast<std::chrono::nanoseconds>(
                    (std::chrono::system_clock::now() - kSettled).time_since_epoch())
                    .count()) {
  try {
    read_file(file_.string(), text_);
  } catch (const Error&) {
    return;
  }
  std::string_view text = text_;
  const std::size_t head = kHeader.size() + kHashDigits + 1;
  if (text.size() < head || !text.starts_with(kHeader) || text[head - 1] != '\n') return;
  const std::string_view stated = text.substr(kHeader.size(), kHashDigits);
  text.remove_prefix(head);
  if (sha256_of(text) != stated) return;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    const std::string_view id = take_field(line);
    lines_.push_back({id, line});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

const RunIndex::Line* RunIndex::line_of(std::string_view id) const {
  if (next_ < lines_.size() && lines_[next_].id == id) return &lines_[next_++];
  const auto found =
      std::lower_bound(lines_.begin(), lines_.end(), id,
                       [](const Line& line, std::string_view wanted) { return line.id < wanted; });
  if (found == lines_.end() || found->id != id) return nullptr;
  next_ = static_cast<std::size_t>(found - lines_.begin()) + 1;
  return &*found;
}

bool RunIndex::find(const RunId& run, const FolderStamp& stamp, RunRow& row) const {
  const Line* const line = line_of(run);
  if (line == nullptr) return false;
  std::string_view fields = line->fields;
  if (take_stamp(fields) != stamp) return false;
  row.id = run;
  row.submitted_at = take_time(fields).value_or(Time{});
  row.state = static_cast<State>(take_number(fields));
  row.archived = take_number(fields) != 0;
  row.started_at = take_time(fields);
  row.ended_at = take_time(fields);
  row.experiment = take_text(fields);
  row.compute = take_text(fields);
  while (!fields.empty()) {
    std::string key = take_text(fields);
    row.tags[std::move(key)] = take_text(fields);
  }
  return true;
}

void RunIndex::add(const RunRow& run, const FolderStamp& stamp) {
  if (is_terminal(run.state) && std::max(stamp.modified, stamp.changed) < youngest_)
    added_[run.id] = text_of(run, stamp);
}

void RunIndex::save(const std::vector<RunId>& known) const {
  if (added_.size() < kFewRows + lines_.size() / 64) return;
  std::string text;
  for (const RunId& id : known) {
    const auto added = added_.find(id);
    if (added != added_.end()) {
      text += added->second;
    } else if (const Line* const line = line_of(id)) {
      text.append(line->id).append("\t").append(line->fields);
    } else {
      continue;
    }
    text += '\n';
  }
  try {
    publish_cache(file_, std::string(kHeader) + sha256_of(text) + "\n" + text);
  } catch (const Error&) {  // the next list reads the runs again
  }
}

}  // namespace amltrain
