#include "history/event_log.hpp"

#include "support/files.hpp"
#include "support/sealed.hpp"

namespace amltrain {
namespace {

class Reading {
 public:
  explicit Reading(const std::string& run_id) { log_.last = run_id; }

  void take(std::string_view line) {
    ++number_;
    const ChainedLine chained = take_chained_line(line);
    json event = json::parse(line, nullptr, false);
    if (!event.is_object()) return unreadable_.push_back(number_);
    if (chained.follows(log_.last)) unreadable_.clear();  // cut short by a crash, before this one was written
    report_unreadable();
    if (chained.stated.empty())
      fault(number_, "carries no hash", false);
    else if (!chained.follows(log_.last))
      fault(number_, "is damaged, or does not follow the line before it", true);
    if (!chained.stated.empty()) log_.last = chained.stated;
    log_.events.push_back(std::move(event));
  }

  EventLog finish(bool torn) {
    report_unreadable();
    log_.torn = torn;
    return std::move(log_);
  }

 private:
  void fault(std::size_t line, std::string problem, bool damaged) {
    log_.faults.push_back({line, std::move(problem), damaged});
  }
  void report_unreadable() {
    for (const std::size_t line : unreadable_) fault(line, "is no JSON", true);
    unreadable_.clear();
  }

  EventLog log_;
  std::vector<std::size_t> unreadable_;
  std::size_t number_ = 0;
};

}  // namespace

EventLog read_event_log(const std::filesystem::path& file, const std::string& run_id) {
  const std::string text = read_file(file);
  Reading reading(run_id);
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1)
    reading.take(std::string_view(text).substr(start, end - start));
  return reading.finish(start < text.size());
}

}  // namespace amltrain
