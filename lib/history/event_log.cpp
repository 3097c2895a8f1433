#include "history/event_log.hpp"

#include "support/files.hpp"
#include "support/nesting.hpp"
#include "support/process.hpp"
#include "support/regular_file.hpp"
#include "support/sealed.hpp"

namespace amltrain {
namespace {

constexpr const char* kBoot = "boot_id";

class Reading {
 public:
  explicit Reading(const std::string& run_id) { log_.last = run_id; }

  void take(std::string_view line) {
    ++number_;
    const ChainedLine chained = take_chained_line(line);
    if (is_nested_too_deeply(line)) return fault("is nested too deeply", true);
    json event = json::parse(line, nullptr, false);
    if (!event.is_object()) return fault("is no JSON", true);
    if (chained.stated.empty())
      fault("carries no hash", false);
    else if (!chained.follows(log_.last))
      fault("is damaged, or does not follow the line before it", true);
    if (!chained.stated.empty()) log_.last = chained.stated;
    log_.events.push_back(std::move(event));
  }

  /// What is behind the last end of a line. A power cut can take a line's end and leave some of the next
  /// line, whose writer had not got so far as to sync both: a zero then stands for the end.
  void take_unended(std::string_view rest) {
    const std::string_view line = rest.substr(0, rest.find('\0'));
    log_.unended = outlived_its_boot(line);
    log_.torn = rest.size() > (log_.unended ? line.size() : 0);
    if (log_.unended) take(line);
    if (log_.unended) log_.size += line.size();
  }
  void ended_at(std::uint64_t bytes) { log_.size = bytes; }
  EventLog finish() { return std::move(log_); }

 private:
  void fault(std::string problem, bool damaged) {
    log_.faults.push_back({number_, std::move(problem), damaged});
  }

  bool outlived_its_boot(std::string_view line) const {
    if (!take_chained_line(line).follows(log_.last)) return false;
    const json event = json::parse(line, nullptr, false);
    return event.is_object() && event.contains(kBoot) && event.at(kBoot) != boot_id();
  }

  EventLog log_;
  std::size_t number_ = 0;
};

}  // namespace

EventLog read_event_log(const std::filesystem::path& file, const std::string& run_id) {
  const std::string text = read_regular(file);
  Reading reading(run_id);
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1)
    reading.take(std::string_view(text).substr(start, end - start));
  reading.ended_at(start);
  reading.take_unended(std::string_view(text).substr(start));
  return reading.finish();
}

void append_event(const std::filesystem::path& file, const std::string& run_id, json event) {
  // Read again each time: a supervisor that has gone meanwhile may have had the last word.
  const EventLog log = read_event_log(file, run_id);
  event[kBoot] = boot_id();
  append_synced(file, log.size, (log.unended ? "\n" : "") + chained_line(event, log.last));
}

}  // namespace amltrain
