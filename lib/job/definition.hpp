// A job: a command with inputs, in the shape of an Azure ML v2 command job. The built-in trainer is a command
// too.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "environment/spec.hpp"
#include "job/predecessor.hpp"
#include "support/json.hpp"

namespace amltrain {

/// A literal, or a path: of a folder, a file, something of the workspace, or on the web.
struct JobInput {
  std::string type =
      "literal";      // literal | uri_folder | uri_file | custom_model | mlflow_model | triton_model
  std::string value;  // the literal as text, a path, "azureml:NAME[:VERSION|@latest]", or a URL
  std::string mode = "ro_mount";  // ro_mount | direct: where it lies; download: copied into the run
};

/// A folder or file below the run's outputs/ that the command writes: outputs/NAME.
struct JobOutput {
  std::string type = "uri_folder";  // uri_file: a file; anything else: a folder
};

/// Of the slots of a run: as many locks as one message takes to another process (SCM_MAX_FD is 253).
constexpr int kMostSlots = 250;

/// Higher is served first; Azure ML's low, medium and high are 25, 50 and 75.
constexpr int kLeastPriority = 0, kUsualPriority = 50, kHighestPriority = 100;

/// schema amltrain.job/1 when stored; the field names of commandJob.
struct JobDefinition {
  std::string name;  // the run's id; empty: one is made
  std::string display_name, description;
  std::string experiment_name;  // empty: the workspace's folder name
  std::string compute = "local";
  std::string command;  // may hold ${{inputs.NAME}}
  std::string code;     // folder of the source that the command runs in a copy of; empty: the run's folder
  std::map<std::string, JobInput> inputs;
  std::map<std::string, JobOutput> outputs;
  EnvironmentSpec environment;  // of Python; empty: that of the shell that submits
  std::map<std::string, std::string> environment_variables;
  std::map<std::string, std::string> tags;
  std::optional<std::chrono::seconds> timeout;  // limits.timeout: of the running time, restarts included
  int max_restarts = 0;                         // limits.max_restarts
  std::optional<std::chrono::seconds> queue_timeout;  // limits.queue_timeout: of the time in Queued
  int nodes = 1;                                      // resources.instance_count
  int min_nodes = 0;               // resources.min_instance_count: after a loss; 0: see least_nodes()
  int procs_per_node = 1;          // distribution.process_count_per_instance
  std::string distribution;        // distribution.type: mpi, pytorch, or empty
  int slots = 1;                   // resources.slots: of the compute target; each node takes one at least
  int priority = kUsualPriority;   // queue_settings.priority
  std::vector<Predecessor> after;  // queue_settings.after
};
/// Without the values of variables that are secrets.
void to_json(json& out, const JobDefinition& job);
/// Reads the stored form, which is a commandJob as well. Throws Error{bad_input} as read_job_file does.
JobDefinition parse_job(const json& in);

/// Reads a commandJob file: YAML, or JSON when its name ends in .json. `changes`, each "PATH.OF.FIELD=VALUE"
/// with a value in YAML, are put on top of it first. Paths of inputs and code are taken relative to the file.
/// Throws Error{bad_input} with file, line (of YAML) and field for a syntax error, an unknown field (with the
/// nearest known name), a field or value that can't be honoured, or a document that aliases blow up beyond
/// its limits. What becomes of each field: job_schema.hpp.
JobDefinition read_job_file(const std::filesystem::path& file, const std::vector<std::string>& changes = {});

/// The job whose command is `amltrain train ARGUMENTS...`. `data`, a name of the workspace's data or a
/// folder, becomes the input "data".
JobDefinition trainer_job(const std::vector<std::string>& arguments, const std::string& data);

/// The words after `amltrain train` when the command is that alone, with placeholders as ${{inputs.NAME}}.
std::optional<std::vector<std::string>> trainer_arguments(const JobDefinition& job);

/// Images a batch, when a step takes `images` in `batches` equal ones. Throws Error{bad_input} where it
/// can't.
int batch_size_of(std::int64_t images, std::int64_t batches);
/// --global-batch-size of the built-in trainer becomes the --batch-size of the job's ranks. Throws
/// Error{bad_input} when it does not go up.
void settle_batch_size(JobDefinition& job);

/// The value of an option in the words of a command; empty when it is not there.
std::string value_of_option(const std::vector<std::string>& words, const std::string& option);

/// Puts trainer options on top of those in the job's command: one given again replaces the old one, and
/// --data sets the input "data". Throws Error{bad_input} when it is not a trainer's.
void add_trainer_arguments(JobDefinition& job, const std::vector<std::string>& arguments);

/// Replaces ${{inputs.NAME}} and ${{outputs.NAME}} (spaces inside the braces allowed) by
/// values["inputs.NAME"], quoted for the place where they stand, so that a shell reads each as one word
/// whatever it holds; a backslash before $ keeps the text. Throws Error{bad_input} naming one that is not
/// defined.
std::string expand_command(const JobDefinition& job, const std::map<std::string, std::string>& values);

}  // namespace amltrain
