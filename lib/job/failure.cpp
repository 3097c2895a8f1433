#include "job/failure.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string_view>
#include <vector>

#include "job/likely_cause.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/regular_file.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr off_t kTailBytes = 64 * 1024;
constexpr std::size_t kTailLines = 5;
// An event has to fit the room that is kept for a run's end (run_writer.cpp).
constexpr std::size_t kLogLines = 20, kLogBytes = 4096;
constexpr std::string_view kOwnPrefix = "amltrain: ";

/// What a terminal shows of a line that was overwritten by carriage returns.
std::string_view shown(std::string_view line) {
  while (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t last = line.rfind('\r');
  return last == std::string_view::npos ? line : line.substr(last + 1);
}

std::vector<std::string> shown_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = shown(text.substr(start, end - start));
    if (line.find_first_not_of(" \t") != std::string_view::npos) lines.emplace_back(line);
    start = end + 1;
  }
  return lines;
}

struct Said {
  std::string message, hint;
  bool by_amltrain = false;
};

/// amltrain's last error, whose hint is the indented lines after it; else the last lines.
Said last_words(const std::vector<std::string>& lines) {
  const auto own = std::find_if(lines.rbegin(), lines.rend(),
                                [](const std::string& line) { return line.starts_with(kOwnPrefix); });
  if (own == lines.rend()) {
    const std::size_t first = lines.size() - std::min(lines.size(), kTailLines);
    return {join(std::span(lines).subspan(first), "\n"), "", false};
  }
  Said said{own->substr(kOwnPrefix.size()), "", true};
  for (auto line = own.base(); line != lines.end() && line->starts_with(' '); ++line) {
    if (!said.hint.empty()) said.hint += ' ';
    said.hint += line->substr(line->find_first_not_of(' '));
  }
  return said;
}

/// The categories that a worker can end with by itself; canceled and timed out are the supervisor's to say.
category category_of(int code) {
  for (const category kind : {category::bad_input, category::not_found, category::conflict,
                              category::environment, category::internal}) {
    if (static_cast<int>(kind) == code) return kind;
  }
  return category::run_failed;
}

/// The last lines, as many as kLogLines and kLogBytes let in.
std::vector<std::string> last_lines(const std::vector<std::string>& lines) {
  std::size_t first = lines.size(), bytes = 0;
  while (first > 0 && lines.size() - first < kLogLines && (bytes += lines[first - 1].size()) <= kLogBytes)
    --first;
  return {lines.begin() + static_cast<std::ptrdiff_t>(first), lines.end()};
}

bool is_killed(const ExitStatus& status) { return status.signal == SIGKILL || status.code == 128 + SIGKILL; }

/// A kill has nothing to do with what the program said before.
LikelyCause likely_cause(const ExitStatus& status, const std::vector<std::string>& lines) {
  if (!is_killed(status)) {
    if (auto told = cause_in(join(lines, "\n"))) return std::move(*told);
  }
  return cause_of(status);
}

constexpr std::string_view kWorker = "the worker";

constexpr const char* kSeeMpirun =
    "logs/mpirun.log in the run's folder may say more; submit --max-restarts starts a run again by itself";

/// Where the end was mpirun's, which is not to blame, its code and signal say nothing.
void blame_environment(Failure& failure) {
  failure.category = name_of(category::environment);
  if (failure.rank) return;
  failure.code.reset();
  failure.signal.reset();
}

void explain_memory(Failure& failure, const std::string& evidence) {
  failure.category = name_of(category::environment);
  failure.cause = "out_of_memory";
  const std::size_t first_end = std::min(failure.message.find('\n'), failure.message.size());
  failure.message.insert(first_end, ": " + evidence);
  failure.hint = "try a smaller batch size or fewer workers, or give it more memory";
}

}  // namespace

std::string read_log_tail(const std::filesystem::path& log, std::uint64_t begin) {
  Fd file;
  try {
    file = open_regular(log, O_RDONLY | O_NOFOLLOW);
  } catch (const Error&) {  // none, or what the worker put in its place
    return "";
  }
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return "";
  const off_t first = std::min(static_cast<off_t>(begin), status.st_size);
  const off_t from = std::max<off_t>(first, status.st_size - kTailBytes);
  std::string text(static_cast<std::size_t>(status.st_size - from), '\0');
  const ssize_t count = pread(file.get(), text.data(), text.size(), from);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (from > first) text.erase(0, text.find('\n') + 1);  // of npos + 1 is 0: one line longer than the tail
  // A worker may write any bytes; what is recorded as JSON has to be UTF-8.
  return as_utf8(text);
}

std::optional<Failure> explain_end(const ChildEnd& end, const std::string& log_tail, bool is_amltrain,
                                   std::optional<std::chrono::seconds> time_limit,
                                   const std::string& memory_evidence, std::optional<int> rank) {
  if (end.by == EndedBy::itself && end.status.ok()) return std::nullopt;
  const std::vector<std::string> lines = shown_lines(log_tail);
  Failure failure;
  failure.stage = name_of(State::running);
  failure.rank = rank;
  failure.log = last_lines(lines);
  if (end.status.signal != 0)
    failure.signal = end.status.signal;
  else
    failure.code = end.status.code;
  if (end.by == EndedBy::time_limit) {
    failure.category = name_of(category::timed_out);
    failure.cause = "time_limit";
    failure.message =
        "the run reached its time limit of " + human_duration(time_limit.value_or(std::chrono::seconds{0}));
    failure.hint = "raise limits.timeout";
    return failure;
  }
  const Said said = last_words(lines);
  const bool own_code = end.status.signal == 0 && (is_amltrain || said.by_amltrain);
  const LikelyCause cause = likely_cause(end.status, failure.log);
  failure.category = name_of(own_code ? category_of(end.status.code) : category::run_failed);
  failure.cause = cause.name;
  failure.message = std::string(rank ? kWorker : "mpirun") + " ended with " + describe(end.status);
  if (!said.message.empty())
    failure.message = said.by_amltrain && own_code ? said.message : failure.message + "\n" + said.message;
  failure.hint = own_code && !said.hint.empty() ? said.hint : cause.hint;
  if (is_killed(end.status) && !memory_evidence.empty()) explain_memory(failure, memory_evidence);
  return failure;
}

void name_rank(Failure& failure, int rank) {
  const std::string name = "rank " + std::to_string(rank);
  if (failure.message.starts_with(kWorker))
    failure.message.replace(0, kWorker.size(), name);
  else if (!failure.message.starts_with("rank "))  // a trainer's rank names the one that it misses
    failure.message.insert(0, name + ": ");
}

void explain_host_fault(Failure& failure, const std::string& fault) {
  if (fault.empty()) return;
  blame_environment(failure);
  failure.cause = "host_unreachable";
  failure.message = fault + "\n" + failure.message;
  failure.hint = "see that it runs and has its network; submit --max-restarts starts a run again by itself";
}

void explain_stopped_mpirun(Failure& failure) {
  blame_environment(failure);
  failure.cause = "signal";
  failure.message = "mpirun is stopped, by a signal or a debugger";
  failure.hint = "let it run; submit --max-restarts starts a run again by itself";
}

void explain_lost_daemon(Failure& failure) {
  blame_environment(failure);
  failure.message.insert(std::min(failure.message.find('\n'), failure.message.size()),
                         ", and no rank failed: it may have lost its daemon on a host");
  failure.hint = kSeeMpirun;
}

Failure missing_ranks(const std::string& absent) {
  Failure failure;
  failure.stage = name_of(State::running);
  failure.category = name_of(category::environment);
  failure.message = "mpirun ended with exit code 0, and " + (absent.empty() ? "not all ranks did" : absent);
  failure.hint = kSeeMpirun;
  return failure;
}

Failure failure_of(State stage, const Error& problem) {
  Failure failure;
  failure.stage = name_of(stage);
  failure.category = name_of(problem.kind());
  failure.message = problem.what();
  failure.hint = problem.hint();
  if (stage == State::queued && problem.kind() == category::timed_out) {
    failure.cause = "queue_time_limit";
  } else if (const auto cause = cause_in(problem.what())) {
    failure.cause = cause->name;
    if (failure.hint.empty()) failure.hint = cause->hint;
  }
  return failure;
}

}  // namespace amltrain
