#include "selftest/trial.hpp"

#include <algorithm>
#include <csignal>

#include "checkpoint/folder.hpp"
#include "selftest/watch.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/json.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

using Clock = std::chrono::steady_clock;

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
                                                                       checkpoints().string(),
                                                                       "--output-dir",
                                                                       (folder_ / "outputs").string()} {
  words_.insert(words_.end(), configuration.begin(), configuration.end());
  create_folders(checkpoints());
}

std::chrono::nanoseconds Trial::finish() const {
  const auto start = Clock::now();
  run(nullptr);
  return Clock::now() - start;
}

bool Trial::kill_at(const Aim& aim) const { return run(&aim).signal == SIGKILL; }

ExitStatus Trial::run(const Aim* aim) const {
  publish_file(log(), "");
  Command command;
  command.arguments = words_;
  command.environment["AMLTRAIN_METRICS"] = (folder_ / "metrics.jsonl").string();
  command.stdout_file = command.stderr_file = log();
  Watch watch(log(), checkpoints());
  const pid_t pid = start_process(command);
  if (aim && watch.reaches(*aim, pid)) kill(pid, SIGKILL);
  const ExitStatus status = wait_for(pid);
  if (!status.ok() && !(aim && status.signal == SIGKILL))
    throw Error(category::run_failed,
                "a training ended with " + describe(status) + ": " + last_line(read_file(log())));
  return status;
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
  for (const fs::directory_entry& item : fs::directory_iterator(checkpoints())) {
    const fs::path name = item.path().filename();
    const bool waits_for_its_document = name.native().starts_with("epoch-") &&
                                        name.extension() == ".safetensors" &&
                                        !fs::exists(checkpoint_document_file(checkpoints(), name.stem()));
    phase.in_checkpoint |= is_temporary_name(name.native()) || waits_for_its_document;
  }
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
