#include "job/resume.hpp"

#include "checkpoint/folder.hpp"
#include "checkpoint/match.hpp"
#include "job/working_folder.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/regular_file.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

/// Where the trainer of that job keeps its checkpoints: --checkpoint-dir, seen from where it runs.
fs::path checkpoint_folder(const JobDefinition& job, const RunPaths& paths) {
  const std::string chosen = value_of_option(trainer_arguments(job).value(), "--checkpoint-dir");
  return chosen.empty() ? paths.checkpoints() : working_folder(job, paths) / chosen;
}

[[noreturn]] void throw_nothing_to_resume(const RunId& run) {
  throw Error(category::not_found, "run " + run + " has no checkpoint: it ended before its first one",
              "submit it anew, without --resume");
}

/// What the newest document that can be read says must be the same. Absent without one.
std::optional<json> newest_match(const fs::path& checkpoints) {
  const auto names = checkpoint_names(checkpoints);
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    try {
      const auto document = read_checkpoint_document(checkpoint_document_file(checkpoints, *name));
      if (!document.parts.empty()) return field<json>(document.state, "match");
    } catch (const Error& problem) {  // damaged: the trainer says so, and takes the one before
      if (problem.kind() != category::bad_input) throw;
    }
  }
  return std::nullopt;
}

}  // namespace

Resumption find_resumption(const Workspace& workspace, const RunId& run) {
  const RunRecord record = read_run(workspace, run, Detail::state);
  if (!is_terminal(record.state))
    throw Error(category::conflict, "run " + run + " goes on: it is " + name_of(record.state),
                "wait for its end, or cancel it: amltrain runs cancel " + run);
  if (record.state == State::completed)
    throw Error(category::conflict, "run " + run + " is completed: there is nothing left to do",
                "to train on, submit a run with --weights models:/NAME/VERSION");
  const RunPaths paths(workspace, run);
  Resumption resumption{run, parse_job(record.definition.job), {}, paths.metrics(), {}};
  if (!trainer_arguments(resumption.job))
    throw Error(category::bad_input, "run " + run + " is not one of the built-in trainer alone",
                "its command is: " + resumption.job.command);
  resumption.job.name.clear();
  resumption.job.after.clear();
  resumption.checkpoints = checkpoint_folder(resumption.job, paths);
  auto match = newest_match(resumption.checkpoints);
  if (!match) throw_nothing_to_resume(run);
  resumption.match = std::move(*match);
  return resumption;
}

void add_resumed_arguments(Resumption& resumption, const std::vector<std::string>& arguments) {
  for (const auto& [option, recorded] : resumption.match.items()) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (arguments[i] != option) continue;
      const bool is_flag = recorded.is_boolean();
      const std::string text = is_flag ? "true" : arguments.at(i + 1);
      if (!is_recorded_value(recorded, option, text))
        throw_other_training("run " + resumption.run, option, recorded, is_flag ? json(true) : json(text));
    }
  }
  if (!arguments.empty()) add_trainer_arguments(resumption.job, arguments);
  const auto words = trainer_arguments(resumption.job).value();
  // Unsaid it follows from how many processes share the cores, which may be other ones now.
  const auto threads = resumption.match.find("--threads");
  if (threads != resumption.match.end() && value_of_option(words, "--threads").empty())
    add_trainer_arguments(resumption.job, {"--threads", threads->dump()});
  // The run's own folder is gone on with unasked; of another one that has to be said.
  if (!value_of_option(words, "--checkpoint-dir").empty())
    add_trainer_arguments(resumption.job, {"--resume", "auto"});
}

std::optional<int> threads_begun_with(const JobDefinition& job, const RunPaths& paths) {
  if (!trainer_arguments(job)) return std::nullopt;
  const auto match = newest_match(checkpoint_folder(job, paths));
  return match && match->contains("--threads") ? std::optional(field<int>(*match, "--threads"))
                                               : std::nullopt;
}

void take_over(const Resumption& resumption, const RunPaths& made) {
  const fs::path folder = checkpoint_folder(resumption.job, made);
  if (folder != resumption.checkpoints) share_checkpoints(resumption.checkpoints, folder);
  if (fs::exists(resumption.metrics)) publish_file(made.metrics(), read_regular(resumption.metrics));
}

}  // namespace amltrain
