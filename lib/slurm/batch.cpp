#include "slurm/batch.hpp"

#include "support/text.hpp"

namespace amltrain {
namespace {

/// In names of files sbatch replaces %j and the like, and takes a backslash as a request not to.
std::string file_pattern(const std::filesystem::path& file) {
  std::string pattern;
  for (const char c : file.string()) {
    if (c == '%') pattern += '%';
    pattern += c;
  }
  return pattern;
}

/// Beyond the run's own limit, which its supervisor sees to: inputs are made ready before that one begins,
/// and Slurm is not to tell of its own before.
constexpr std::chrono::minutes kBesides{5};

}  // namespace

std::vector<std::string> sbatch_words(const BatchRequest& request) {
  const SlurmSettings& settings = request.settings;
  std::vector<std::string> words{"sbatch",
                                 "--parsable",
                                 "--job-name=" + request.name,
                                 "--partition=" + settings.partition,
                                 "--nodes=" + std::to_string(request.nodes),
                                 "--ntasks-per-node=" + std::to_string(request.procs_per_node),
                                 "--chdir=" + request.folder.string(),
                                 "--output=" + file_pattern(request.log),
                                 "--open-mode=append",
                                 "--export=ALL",
                                 "--requeue",
                                 "--signal=B:TERM@" + std::to_string(kNoticeOfLimit.count())};
  if (!settings.account.empty()) words.push_back("--account=" + settings.account);
  if (!settings.qos.empty()) words.push_back("--qos=" + settings.qos);
  if (request.threads > 0) words.push_back("--cpus-per-task=" + std::to_string(request.threads));
  if (request.nice != 0) words.push_back("--nice=" + std::to_string(request.nice));
  if (request.time_limit) {
    const auto minutes = std::chrono::ceil<std::chrono::minutes>(*request.time_limit) + kBesides;
    words.push_back("--time=" + std::to_string(minutes.count()));
  }
  if (!request.after.empty()) {
    words.push_back("--dependency=" + join(request.after, ","));
    words.emplace_back("--kill-on-invalid-dep=yes");
  }
  words.insert(words.end(), settings.arguments.begin(), settings.arguments.end());  // the last one counts
  words.push_back(request.script.string());
  return words;
}

std::string batch_script(const std::string& run, const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const std::string& word : words) quoted.push_back(shell_quote(word));
  // A run that submits another is not to end it, as it does with what it starts: the mark is not passed on.
  return "#!/bin/sh\n# Run " + run + " of amltrain. Slurm starts this again when it requeues the job.\n" +
         "unset AMLTRAIN_RUN_MARK\nexec " + join(quoted, " ") + "\n";
}

}  // namespace amltrain
