#include "slurm/client.hpp"

#include <unistd.h>

#include <algorithm>

#include "support/capture.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr std::size_t kLongestAnswer = std::size_t{64} << 20;
/// Of names in one call: 128 KiB is what a single word may have (MAX_ARG_STRLEN).
constexpr std::size_t kNamesAtOnce = 500;

/// Both streams as one, without what narrows down an answer or makes another job than is asked for.
constexpr const char* kPlain =
    "unset SLURM_CLUSTERS SQUEUE_ACCOUNT SQUEUE_ARRAY SQUEUE_FEDERATION SQUEUE_FORMAT SQUEUE_FORMAT2 "
    "SQUEUE_LICENSES SQUEUE_LOCAL SQUEUE_NAMES SQUEUE_PARTITION SQUEUE_QOS SQUEUE_SIBLING SQUEUE_SORT "
    "SQUEUE_STATES SQUEUE_USERS SINFO_PARTITION SINFO_FORMAT SCANCEL_NAME SCANCEL_PARTITION SCANCEL_STATE "
    "SCANCEL_USER SBATCH_CLUSTERS SBATCH_ARRAY_INX SBATCH_WAIT "
    "SLURM_RESTART_COUNT SLURM_CPUS_PER_TASK\n"  // of the job that this is called in, not of the one made
    "exec \"$@\" 2>&1";

/// Its last words: "sbatch: error: ..." and the like, on one line.
std::string last_words(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return printable(text.substr(text.find_last_of('\n') + 1));  // of npos + 1 is 0
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

/// The id may be another job's, on another cluster that has the workspace too: the name is the run's alone.
void call_scancel(const std::string& run, const std::string& job, std::vector<std::string> options) {
  options.insert(options.begin(), "scancel");
  options.insert(options.end(), {"--name=" + run, job});
  call_slurm(options);
}

}  // namespace

SlurmAnswer call_slurm(const std::vector<std::string>& words,
                       const std::map<std::string, std::string>& variables,
                       std::chrono::milliseconds patience, int inherited_fd) try {
  constexpr int kNotFound = 127;
  Command command;
  command.arguments = {"/bin/sh", "-c", kPlain, "sh"};
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  command.environment = variables;
  command.environment["SLURM_TIME_FORMAT"] = "%s";
  if (inherited_fd >= 0) {
    command.inherited_fds = {inherited_fd};
    command.die_with_parent = false;  // what has begun is to come to its end
  }
  const auto answer = capture(command, kLongestAnswer, patience);
  if (!answer) return {"", words.front() + " gave no answer in " + human_duration(patience)};
  if (answer->status.ok()) return {answer->text, ""};
  if (answer->status.code == kNotFound) return {"", "there is no " + words.front() + " in PATH"};
  const std::string said = last_words(answer->text);
  return {answer->text, said.empty() ? words.front() + " ended with " + describe(answer->status) : said};
} catch (const Error& problem) {
  return {"", problem.what()};
}

QueueAnswer ask_queue(const std::vector<std::string>& names, uid_t user) {
  QueueAnswer all;
  for (std::size_t begin = 0; begin < names.size(); begin += kNamesAtOnce) {
    const std::size_t end = std::min(begin + kNamesAtOnce, names.size());
    const std::vector<std::string> some(names.begin() + static_cast<std::ptrdiff_t>(begin),
                                        names.begin() + static_cast<std::ptrdiff_t>(end));
    const SlurmAnswer answer =
        call_slurm({"squeue", "--noheader", "--all", "--user=" + std::to_string(user), "--states=all",
                    "--name=" + join(some, ","), std::string("--format=") + kQueueFormat});
    if (!answer.problem.empty()) return {{}, answer.problem};
    for (SlurmJob& job : parse_queue(answer.text)) all.jobs.push_back(std::move(job));
  }
  return all;
}

std::optional<SlurmTimes> ask_job(const std::string& id) {
  const SlurmAnswer answer = call_slurm({"scontrol", "show", "job", id, "--oneliner"});
  return answer.problem.empty() ? parse_job_report(answer.text) : std::nullopt;
}

std::string ask_cluster() {
  const SlurmAnswer answer = call_slurm({"scontrol", "show", "config"});
  if (!answer.problem.empty()) return "";
  for (const std::string& line : lines_of(answer.text)) {
    if (!line.starts_with("ClusterName")) continue;
    const std::size_t value = line.find_first_not_of(" =", line.find('='));
    if (value != std::string::npos) return line.substr(value);
  }
  return "";
}

std::vector<std::string> names_of_nodes(const std::string& list) {
  const SlurmAnswer answer = call_slurm({"scontrol", "show", "hostnames", list});
  if (!answer.problem.empty())
    throw Error(category::environment, "Slurm can't tell the nodes of '" + list + "': " + answer.problem);
  return lines_of(answer.text);
}

std::string ask_node(const std::string& node) {
  const SlurmAnswer answer = call_slurm({"sinfo", "--noheader", "--all", "--nodes=" + node, "--format=%T"});
  const auto lines = lines_of(answer.text);
  return answer.problem.empty() && !lines.empty() ? lines.front() : "";
}

int require_partition(const std::string& partition) {
  const SlurmAnswer version = call_slurm({"sbatch", "--version"});
  if (!version.problem.empty())
    throw Error(category::environment, "runs can't be given to Slurm here: " + version.problem,
                "run this where sinfo and sbatch do");
  const SlurmAnswer answer = call_slurm({"sinfo", "--noheader", "--all", "--summarize", "--format=%R|%a|%D"});
  if (!answer.problem.empty())
    throw Error(category::environment, "Slurm can't be asked: " + answer.problem,
                "run this where sinfo and sbatch do");
  std::vector<std::string> names;
  for (const std::string& line : lines_of(answer.text)) {
    const std::size_t first = line.find('|'), second = line.rfind('|');
    if (first == std::string::npos || first == second) continue;
    const std::string name = line.substr(0, first), state = line.substr(first + 1, second - first - 1);
    names.push_back(name);
    if (name != partition) continue;
    if (state != "up")
      throw Error(category::environment, "partition '" + partition + "' of Slurm is " + state,
                  "take another one, or ask its administrators");
    return std::atoi(line.c_str() + second + 1);
  }
  throw Error(category::bad_input, "Slurm has no partition '" + partition + "'",
              "it has " + (names.empty() ? "none" : join(names, ", ")));
}

void cancel_pending_job(const std::string& run, const std::string& job) {
  call_scancel(run, job, {"--state=PENDING"});
}

void ask_job_to_end(const std::string& run, const std::string& job) {
  call_scancel(run, job, {"--signal=TERM", "--batch"});
}

void cancel_job(const std::string& run, const std::string& job) { call_scancel(run, job, {}); }

}  // namespace amltrain
