#include "selftest/trial.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/json.hpp"
#include "support/process.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;

/// True when the process has ended by `deadline`.
bool ends_before(pid_t pid, Clock::time_point deadline) {
  const Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!process) throw_errno("cannot watch process " + std::to_string(pid));
  pollfd watched{process.get(), POLLIN, 0};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    const int ready = poll(&watched, 1, static_cast<int>(std::max<long long>(left, 0)));
    if (ready < 0 && errno != EINTR) throw_errno("cannot watch process " + std::to_string(pid));
    if (ready > 0) return true;
    if (ready == 0) return false;
  }
}

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "it said nothing";
  const std::string said = text.substr(0, end + 1);
  return said.substr(said.find_last_of('\n') + 1);  // npos + 1 is 0: the only line
}

std::string lasting(json document) {
  for (const char* name : {"seconds", "images_per_second", "peak_memory_bytes"}) document.erase(name);
  return document.dump();
}

}  // namespace

Trial::Trial(std::filesystem::path program, const std::filesystem::path& data, std::filesystem::path folder,
             const std::vector<std::string>& configuration)
    : program_(std::move(program)), folder_(std::move(folder)), words_{program_.string(),
                                                                       "train",
                                                                       "--data",
                                                                       data.string(),
                                                                       "--resume",
                                                                       "auto",
                                                                       "--checkpoint-dir",
                                                                       (folder_ / "checkpoints").string(),
                                                                       "--output-dir",
                                                                       (folder_ / "outputs").string()} {
  words_.insert(words_.end(), configuration.begin(), configuration.end());
  create_folders(folder_);
}

std::chrono::nanoseconds Trial::finish() const {
  const auto start = Clock::now();
  kill_after(std::chrono::hours(24));
  return Clock::now() - start;
}

bool Trial::kill_after(std::chrono::nanoseconds delay) const {
  publish_file(log(), "");
  Command command;
  command.arguments = words_;
  command.environment["AMLTRAIN_METRICS"] = (folder_ / "metrics.jsonl").string();
  command.stdout_file = command.stderr_file = log();
  const auto deadline = Clock::now() + delay;
  const pid_t pid = start_process(command);
  if (!ends_before(pid, deadline)) kill(pid, SIGKILL);
  const ExitStatus status = wait_for(pid);
  if (status.signal == SIGKILL) return true;
  if (!status.ok())
    throw Error(category::run_failed,
                "a training ended with " + describe(status) + ": " + last_line(read_file(log())));
  return false;
}

Phase Trial::phase() const {
  Phase phase{"start", false};
  const std::string text = read_file(log());
  int epoch = 0;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = text.substr(start, end - start);
    if (line.starts_with("Epoch ")) {
      epoch = std::stoi(line.substr(6));
      phase.name = "train epoch " + std::to_string(epoch);
    } else if (line.starts_with("train Loss")) {
      phase.name = "val epoch " + std::to_string(epoch);
    } else if (line.starts_with("val Loss")) {
      phase.name = "end of epoch " + std::to_string(epoch);
    }
    start = end + 1;
  }
  std::error_code absent;
  for (std::filesystem::directory_iterator item(folder_ / "checkpoints", absent);
       !absent && item != std::filesystem::directory_iterator(); item.increment(absent))
    phase.in_checkpoint |= is_temporary_name(item->path().filename().native());
  return phase;
}

std::string Trial::result_hash() const {
  Sha256 hash;
  for (const char* name : {"model.pt", "labels.json"})
    hash.update(sha256_of_file(folder_ / "outputs" / name));
  hash.update(lasting(parse_json(read_file(folder_ / "outputs/report.json"), "report.json")));
  for_each_json_line(folder_ / "metrics.jsonl", [&](json& point) {
    point.erase("time");
    if (point.value("name", "") != "images_per_second") hash.update(point.dump() + "\n");
  });
  return hash.finish();
}

}  // namespace amltrain
