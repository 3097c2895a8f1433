#include "job/failure.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string_view>
#include <vector>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr off_t kTailBytes = 64 * 1024;
constexpr std::size_t kTailLines = 5;
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

std::string hint_for(const ExitStatus& status) {
  switch (status.signal) {
    case SIGKILL:
      return "killed from outside, or by the kernel for want of memory (dmesg says so): try a smaller batch "
             "size";
    case SIGBUS:
      return "a file was cut while mapped, or the disk or /dev/shm is full";
    case SIGSEGV:
    case SIGABRT:
    case SIGILL:
    case SIGFPE:
      return "the program crashed; its log may say where";
    case 0:
      break;
    default:
      return "the signal came from outside the run";
  }
  if (status.code == 127) return "the shell did not find the command: is it installed and in PATH?";
  if (status.code == 126) return "the file was found but can't be run: is it executable?";
  return "";
}

}  // namespace

std::string read_log_tail(const std::filesystem::path& log, std::uint64_t begin) {
  const Fd file(open(log.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0) return "";
  const off_t first = std::min(static_cast<off_t>(begin), status.st_size);
  const off_t from = std::max<off_t>(first, status.st_size - kTailBytes);
  std::string text(static_cast<std::size_t>(status.st_size - from), '\0');
  const ssize_t count = pread(file.get(), text.data(), text.size(), from);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (from > first) text.erase(0, text.find('\n') + 1);  // of npos + 1 is 0: one line longer than the tail
  // A worker may write any bytes; what is recorded as JSON has to be UTF-8.
  return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
}

std::optional<Failure> explain_end(const ChildEnd& end, const std::string& log_tail, bool is_amltrain,
                                   std::optional<std::chrono::seconds> time_limit) {
  if (end.by == EndedBy::itself && end.status.ok()) return std::nullopt;
  Failure failure;
  failure.stage = name_of(State::running);
  failure.rank = 0;
  if (end.status.signal != 0)
    failure.signal = end.status.signal;
  else
    failure.code = end.status.code;
  if (end.by == EndedBy::time_limit) {
    failure.category = name_of(category::timed_out);
    failure.message =
        "the run reached its time limit of " + human_duration(time_limit.value_or(std::chrono::seconds{0}));
    failure.hint = "raise limits.timeout";
    return failure;
  }
  const Said said = last_words(shown_lines(log_tail));
  const bool own_code = end.status.signal == 0 && (is_amltrain || said.by_amltrain);
  failure.category = name_of(own_code ? category_of(end.status.code) : category::run_failed);
  failure.message = "the worker ended with " + describe(end.status);
  if (!said.message.empty())
    failure.message = said.by_amltrain && own_code ? said.message : failure.message + "\n" + said.message;
  failure.hint = own_code && !said.hint.empty() ? said.hint : hint_for(end.status);
  return failure;
}

}  // namespace amltrain
