#include "slurm/answers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace amltrain {
namespace {

constexpr std::array<std::string_view, 5> kPending{"PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD",
                                                   "SPECIAL_EXIT"};
constexpr std::array<std::string_view, 10> kEnded{"COMPLETED", "FAILED",        "TIMEOUT",   "NODE_FAIL",
                                                  "PREEMPTED", "OUT_OF_MEMORY", "CANCELLED", "DEADLINE",
                                                  "BOOT_FAIL", "REVOKED"};

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (std::size_t end = text.find(by); end != std::string_view::npos; end = text.find(by)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

template <typename T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_id(std::string_view text) { return number<std::uint64_t>(text).has_value(); }

/// The value of " NAME=" in a line of scontrol; one with blanks is cut there.
std::string_view value_in(std::string_view line, std::string_view name) {
  const std::string sought = " " + std::string(name) + "=";
  const std::size_t at = line.find(sought);
  if (at == std::string_view::npos) return {};
  line.remove_prefix(at + sought.size());
  return line.substr(0, line.find_first_of(" \n"));
}

std::string known(std::string_view text) {
  return text == "None" || text == "(null)" || text == "N/A" ? "" : std::string(text);
}

}  // namespace

SlurmPhase SlurmJob::phase() const {
  if (std::ranges::find(kPending, state) != kPending.end()) return SlurmPhase::pending;
  if (std::ranges::find(kEnded, state) != kEnded.end()) return SlurmPhase::ended;
  return SlurmPhase::active;
}

std::vector<SlurmJob> parse_queue(std::string_view text) {
  std::vector<SlurmJob> jobs;
  for (const std::string_view line : split(text, '\n')) {
    const auto fields = split(line, '|');
    if (fields.size() < 6 || !is_id(fields[0])) continue;
    jobs.push_back({std::string(fields[0]), std::string(fields[4]), std::string(fields[1]), known(fields[2]),
                    known(fields[3]), std::string(fields[5].data(), line.data() + line.size())});
  }
  return jobs;
}

std::optional<SlurmJob> job_of(const std::vector<SlurmJob>& jobs, const std::string& name,
                               const std::string& id) {
  const SlurmJob* found = nullptr;
  for (const SlurmJob& job : jobs) {
    if (job.name != name || (id.empty() ? !job.folder.ends_with("/" + name) : job.id != id)) continue;
    const bool newer = found == nullptr || *number<std::uint64_t>(job.id) > *number<std::uint64_t>(found->id);
    if (newer) found = &job;
  }
  return found == nullptr ? std::nullopt : std::optional(*found);
}

std::optional<SlurmTimes> parse_job_report(std::string_view line) {
  SlurmTimes times;
  times.state = value_in(line, "JobState");
  if (times.state.empty()) return std::nullopt;
  times.restarts = number<int>(value_in(line, "Restarts")).value_or(0);
  // One that was suspended to make way, and goes on, keeps the time at which it was told to.
  const auto preempted = number<std::int64_t>(value_in(line, "PreemptTime")),
             suspended = number<std::int64_t>(value_in(line, "SuspendTime"));
  times.preempted = preempted && !(suspended && *suspended >= *preempted);
  times.started = number<std::int64_t>(value_in(line, "StartTime"));
  times.limit = number<std::int64_t>(value_in(line, "EndTime"));  // "Unknown" without a limit
  return times;
}

std::vector<int> parse_counts(std::string_view text) {
  std::vector<int> counts;
  for (const std::string_view part : split(text, ',')) {
    const std::size_t bracket = part.find("(x");
    const auto count = number<int>(part.substr(0, bracket));
    std::optional<int> times = 1;
    if (bracket != std::string_view::npos)
      times = part.ends_with(')') ? number<int>(part.substr(bracket + 2, part.size() - bracket - 3))
                                  : std::nullopt;
    constexpr int kMost = 1 << 20;
    if (!count || !times || *times < 1 || *times > kMost) return {};
    counts.insert(counts.end(), static_cast<std::size_t>(*times), *count);
  }
  return counts;
}

std::string parse_submitted(std::string_view text) {
  std::string id;
  for (const std::string_view line : split(text, '\n')) {
    const std::string_view first = line.substr(0, line.find(';'));
    if (is_id(first)) id = first;
  }
  return id;
}

}  // namespace amltrain
