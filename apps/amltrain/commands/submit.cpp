// submit
#include <algorithm>
#include <filesystem>
#include <utility>

#include "../checks.hpp"
#include "../environment_options.hpp"
#include "../follow_view.hpp"
#include "../snapshot_view.hpp"
#include "../source_options.hpp"
#include "../table.hpp"
#include "../trainer_options.hpp"
#include "commands.hpp"
#include "compute/target.hpp"
#include "environment/python.hpp"
#include "job/job_explanation.hpp"
#include "job/queue_view.hpp"
#include "job/ranks.hpp"
#include "job/secret_inputs.hpp"
#include "job/secret_variables.hpp"
#include "job/source_change.hpp"
#include "job/submit_once.hpp"
#include "support/text.hpp"

namespace amltrain::cli {
namespace {

struct SubmitOptions {
  explicit SubmitOptions(CLI::App& command) : trainer(command, TrainerOptions::Of::submit) {}
  TrainerOptions trainer;
  std::string file, resume, experiment, compute, display_name, description, timeout, queue_timeout;
  std::optional<int> max_restarts, priority, slots, nodes, min_nodes, procs_per_node;
  std::string layout;  // "NODESxPROCS"
  std::vector<std::string> tags, changes, after;
  bool strict = false;
  std::string key;  // of a submit that may be repeated
  bool stream = false, propagate_exit = false, dry_run = false, quiet = false;
  std::optional<SourceOptions> source;
  std::optional<EnvironmentOptions> environment;
};

/// A name of the workspace's data stays one; a folder's path is made absolute, since the job runs elsewhere.
std::string data_reference(const Workspace& workspace, const std::string& data) {
  const auto names = workspace.data();
  if (data.starts_with("azureml:") || std::find(names.begin(), names.end(), data) != names.end()) return data;
  if (data.find('/') == std::string::npos && !std::filesystem::exists(data)) return data;
  return std::filesystem::absolute(data).lexically_normal().string();
}

/// Now, and not minutes later in the log of a run.
void require_weights(const std::string& weights) {
  if (names_known_weights(weights) || std::filesystem::is_regular_file(weights)) return;
  throw Error(category::not_found, "no weights file '" + weights + "'",
              "--weights takes none, imagenet, a .pth, .pt or .safetensors file, or models:/NAME/VERSION");
}

/// The options of the trainer that were given, with --data.
std::vector<std::string> trainer_words(const Workspace& workspace, const SubmitOptions& chosen) {
  require_weights(chosen.trainer.values().weights);
  std::vector<std::string> words = chosen.trainer.given();
  if (!chosen.trainer.data().empty())
    words.insert(words.begin(), {"--data", data_reference(workspace, chosen.trainer.data())});
  return words;
}

/// The source of the job, as it is now, where it has one that the run does not take over from another.
std::optional<SourceScan> scan_of(const SubmitOptions& chosen, const JobDefinition& job) {
  if (job.code.empty() || !chosen.resume.empty()) return std::nullopt;
  return scan_source(job.code);
}

/// A version stands for the interpreter of that version.
SourceEntry with_found_python(SourceEntry entry) {
  if (is_python_version(entry.python)) entry.python = find_python(entry.python).executable.string();
  return entry;
}

/// --data is an input of it.
JobDefinition job_of_source(const Workspace& workspace, const SubmitOptions& chosen, const SourceScan& scan) {
  const std::vector<std::string> given = chosen.trainer.given();
  if (!given.empty())
    throw Error(category::bad_input, given.front() + " is an option of the built-in trainer, not of --source",
                "give the options of your own program behind --");
  JobDefinition job;
  if (chosen.environment->any_packages()) {
    // The Python that the environment is made from; the entry is run by the one in it.
    SourceEntry entry = chosen.source->entry();
    std::string python = std::exchange(entry.python, "");
    job = source_job(scan, entry);
    job.environment.python = std::move(python);
  } else {
    job = source_job(scan, with_found_python(chosen.source->entry()));
  }
  if (!chosen.trainer.data().empty())
    job.inputs["data"] = {"uri_folder", data_reference(workspace, chosen.trainer.data())};
  return job;
}

/// Says once which fields of the file nothing here acts on, or refuses them.
void notice_no_meaning(const Context& context, const SubmitOptions& chosen, const SourceDocument& document) {
  std::vector<std::string> names;
  std::string environment;  // an image or packages that a script may count on
  for (const FieldAccount& field : explain_document(document).fields) {
    if (field.standing != Standing::no_meaning || field.path == "$schema") continue;
    names.push_back(field.path);
    if (field.path == "environment" && field.value.is_string())
      environment = "Environment " + field.value.get<std::string>() + ": " + field.here;
  }
  if (names.empty()) return;
  const std::string hint = "see why with: amltrain job explain " + shell_quote(chosen.file);
  if (chosen.strict)
    throw Error(category::bad_input, chosen.file + " asks for what has no meaning here: " + join(names, ", "),
                hint);
  context.notice("No meaning here, and left out: " + join(names, ", ") + "; " + hint);
  if (!environment.empty()) context.notice(environment);
}

JobDefinition new_job(const Context& context, const SubmitOptions& chosen,
                      const std::vector<std::string>& words) {
  if (chosen.file.empty() && chosen.trainer.data().empty())
    throw Error(category::bad_input, "submit needs --data, --file, --source or --resume",
                "for example: amltrain submit --data hymenoptera_data --num-epochs 3");
  JobDefinition job = trainer_job({}, "");
  if (!chosen.file.empty()) {
    const SourceDocument document = read_changed_source(chosen.file, chosen.changes);
    job = job_of_document(document);
    notice_no_meaning(context, chosen, document);
  }
  if (!words.empty()) add_trainer_arguments(job, words);
  return job;
}

std::optional<Resumption> resumption_of(const Workspace& workspace, const SubmitOptions& chosen,
                                        const std::vector<std::string>& words) {
  if (chosen.resume.empty()) return std::nullopt;
  if (!chosen.file.empty())
    throw Error(category::bad_input, "--resume goes on with the job of its run: --file can't give another",
                "leave --file out, or --resume");
  Resumption resumption = find_resumption(workspace, resolve_run(workspace, chosen.resume));
  add_resumed_arguments(resumption, words);
  return resumption;
}

int count_in_layout(const std::string& layout, std::string digits) {
  if (!whole_number(1, kMostSlots)(digits).empty())
    throw Error(category::bad_input, "-j takes NODESxPROCESSES, not '" + layout + "'",
                "for example: -j 2x4, each from 1 to " + std::to_string(kMostSlots));
  return std::stoi(digits);
}

void set_layout(JobDefinition& job, const SubmitOptions& chosen) {
  if (!chosen.layout.empty()) {
    const std::size_t by = std::min(chosen.layout.find('x'), chosen.layout.size() - 1);
    job.nodes = count_in_layout(chosen.layout, chosen.layout.substr(0, by));
    job.procs_per_node = count_in_layout(chosen.layout, chosen.layout.substr(by + 1));
  }
  if (chosen.nodes) job.nodes = *chosen.nodes;
  if (chosen.procs_per_node) job.procs_per_node = *chosen.procs_per_node;
  const bool any = !chosen.layout.empty() || chosen.nodes || chosen.procs_per_node;
  if (any && job.distribution.empty()) job.distribution = "mpi";
}

/// The options of the run, on top of the job's.
JobDefinition with_options(JobDefinition job, const SubmitOptions& chosen) {
  if (!chosen.experiment.empty()) job.experiment_name = chosen.experiment;
  if (!chosen.compute.empty()) job.compute = chosen.compute;
  if (!chosen.display_name.empty()) job.display_name = chosen.display_name;
  if (!chosen.description.empty()) job.description = chosen.description;
  for (const auto& [key, value] : to_map(chosen.tags)) job.tags[key] = value;
  if (!chosen.timeout.empty()) job.timeout = to_duration(chosen.timeout);
  if (chosen.environment->any_packages() && chosen.source->folder().empty() && chosen.file.empty())
    throw Error(category::bad_input, "the built-in trainer needs no Python packages",
                "--pip-packages and --requirements are for --source and --file");
  chosen.environment->add_packages(job);
  chosen.environment->add_variables(job);
  if (!chosen.queue_timeout.empty()) job.queue_timeout = to_duration(chosen.queue_timeout);
  if (chosen.slots) job.slots = *chosen.slots;
  set_layout(job, chosen);
  if (chosen.min_nodes) job.min_nodes = *chosen.min_nodes;
  if (chosen.priority) job.priority = *chosen.priority;
  if (!chosen.after.empty()) job.after.clear();
  for (const std::string& before : chosen.after) job.after.push_back(parse_predecessor(before));
  if (chosen.max_restarts) job.max_restarts = *chosen.max_restarts;
  return job;
}

void show_job(Context& context, const JobDefinition& job) {
  const bool can_lose_hosts = !read_compute(context.workspace(), job.compute).hosts.empty();
  context.print(job, [&](std::ostream& out) {
    Fields fields;
    fields.add("Experiment", job.experiment_name);
    fields.add("Compute", job.compute);
    fields.add("Command", job.command);
    fields.add("Source", job.code);
    for (const auto& [name, input] : job.inputs) fields.add("Input " + name, recorded_path(input));
    if (!job.environment.empty())
      fields.add("Python", job.environment.python.empty() ? "python3" : job.environment.python);
    for (const std::string& line : job.environment.requirements) fields.add("Package", line);
    for (const auto& [name, value] : recorded_variables(job.environment_variables))
      fields.add("Variable", name + "=" + value);
    for (const auto& [key, value] : job.tags) fields.add("Tag", key + "=" + value);
    if (job.timeout) fields.add("Timeout", human_duration(*job.timeout));
    if (job.queue_timeout) fields.add("Timeout in queue", human_duration(*job.queue_timeout));
    if (world_size(job) > 1)
      fields.add("Processes", std::to_string(job.nodes) + " x " + std::to_string(job.procs_per_node));
    if (job.slots > 1) fields.add("Slots", std::to_string(job.slots));
    if (job.priority != kUsualPriority) fields.add("Priority", std::to_string(job.priority));
    for (const Predecessor& before : job.after) fields.add("After", to_text(before));
    if (job.max_restarts > 0 && job.nodes > 1 && can_lose_hosts)
      fields.add("Nodes at least", std::to_string(least_nodes(job)));
    if (job.max_restarts > 0) fields.add("Restarts", "at most " + std::to_string(job.max_restarts));
    fields.print(out);
  });
}

void show_source(const Context& context, const std::optional<SourceScan>& scan) {
  if (!scan)
    throw Error(category::bad_input, "the job has no source to take a snapshot of",
                "give --source DIR, or a job file with code:");
  show_snapshot(context, *scan);
}

RunId submit_by_key(Context& context, const std::string& key, const JobDefinition& job,
                    const std::function<RunId(const JobDefinition&)>& start) {
  const SubmittedOnce submitted = submit_once(context.workspace(), key, job, start);
  if (!submitted.is_new)
    context.notice("Run " + submitted.run + " was submitted before with this key; nothing new was started");
  return submitted.run;
}

void submit_job(Context& context, const SubmitOptions& chosen) {
  const Workspace& workspace = context.workspace();
  std::optional<Resumption> resumption;
  std::optional<SourceScan> scan;
  JobDefinition job;
  if (!chosen.source->folder().empty()) {
    scan = scan_source(chosen.source->folder());
    job = job_of_source(workspace, chosen, *scan);
  } else {
    const std::vector<std::string> words = trainer_words(workspace, chosen);
    resumption = resumption_of(workspace, chosen, words);
    job = resumption ? resumption->job : new_job(context, chosen, words);
    scan = scan_of(chosen, job);
  }
  job = resolve_job(workspace, with_options(std::move(job), chosen));
  if (chosen.source->show_snapshot()) return show_source(context, scan);
  if (chosen.dry_run) return show_job(context, job);
  if (scan) notice_held_back(context, *scan);
  const auto start = [&](const JobDefinition& ready) {
    return submit(workspace, ready, own_executable(), resumption ? &*resumption : nullptr,
                  scan ? &*scan : nullptr);
  };
  const RunId run = chosen.key.empty() ? start(job) : submit_by_key(context, chosen.key, job, start);
  if (chosen.stream) {
    context.notice("Run " + run);
    WatchOptions watch;
    watch.show_logs = true;
    watch.propagate_exit = chosen.propagate_exit;
    return watch_runs(context, {run}, watch);
  }
  const bool id_alone = chosen.quiet && !context.json_output();
  if (id_alone) {
    context.out() << run << '\n';
    return;
  }
  RunRecord record = read_run(workspace, run, Detail::state);
  explain_queue(workspace, record);
  context.print(record, [&](std::ostream& out) {
    Fields fields;
    fields.add("Run", run);
    fields.add("State", name_of(record.state));
    fields.add("Reason", record.reason);
    fields.add("Follow it", "amltrain wait " + run + " --show-output");
    fields.print(out);
  });
}

}  // namespace

void add_submit(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand(
      "submit",
      "Start a run of the built-in trainer, a program of your own or a job file, in the background, and "
      "return its id.");
  const auto options = std::make_shared<SubmitOptions>(*command);
  command->callback([&context, options] { submit_job(context, *options); });
  const auto text = [&](const char* name, std::string& value, const char* argument, const char* description) {
    return command->add_option(name, value, description)->type_name(argument);
  };
  text("--file,-f", options->file, "JOB",
       "Job file, YAML or JSON; options on the command line are put on top of it");
  command
      ->add_option(
          "--set", options->changes,
          "Field of the job file by its path, with a value in YAML: --set inputs.epochs=3; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false)
      ->needs("--file");
  command->add_flag("--strict", options->strict, "Refuse a job file with fields that have no meaning here")
      ->needs("--file");
  text("--resume", options->resume, "RUN",
       "Go on, in a new run, with the training of RUN from its last checkpoint");
  text("--experiment", options->experiment, "NAME", "Experiment of the run; made when absent");
  text("--compute", options->compute, "NAME", "Compute target that it runs on");
  text("--display-name", options->display_name, "TEXT", "Name for people");
  text("--description", options->description, "TEXT", "A sentence about the run");
  text("--timeout", options->timeout, "TIME", "Longest running time: 90s, 20m, 2h, ...")->check(time_limit());
  command
      ->add_option("--slots", options->slots,
                   "How many slots of the compute target the run takes, with their GPUs; default: 1")
      ->type_name("K")
      ->check(whole_number(1, kMostSlots));
  command->add_option("--nodes", options->nodes, "Nodes of the run: slots of the compute target; default: 1")
      ->type_name("N")
      ->check(whole_number(1, kMostSlots));
  command
      ->add_option("--procs-per-node", options->procs_per_node,
                   "Processes on each node, started by Open MPI's mpirun; default: 1")
      ->type_name("N")
      ->check(whole_number(1, kMostSlots));
  command
      ->add_option(
          "--min-nodes", options->min_nodes,
          "Fewer nodes than these a restart does not go on with; default: 1, of a program of your own "
          "all")
      ->type_name("N")
      ->check(whole_number(1, kMostSlots));
  text("-j", options->layout, "NxM", "As --nodes N --procs-per-node M")
      ->excludes("--nodes")
      ->excludes("--procs-per-node");
  text("--queue-timeout", options->queue_timeout, "TIME", "Longest time in the queue")->check(time_limit());
  command
      ->add_option("--priority", options->priority,
                   "In the queue of the compute target: 0 to 100, the highest first; default: 50")
      ->type_name("N")
      ->check(whole_number(kLeastPriority, kHighestPriority));
  command
      ->add_option("--after", options->after,
                   "Start once RUN is Completed, or with RUN:any has ended; may be repeated")
      ->type_name("RUN[:any]")
      ->allow_extra_args(false);
  command
      ->add_option("--max-restarts", options->max_restarts,
                   "How often a worker that was killed or met a fault of the machine is started again")
      ->type_name("N")
      ->check(whole_number(0, 1000));
  command->add_option("--tag", options->tags, "Tag of the run; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->check(key_value());
  text("--idempotency-key", options->key, "KEY",
       "Make one run however often this is repeated: with a KEY used before, return that run");
  auto* stream =
      command->add_flag("--stream", options->stream, "Follow the run to its end, as wait --show-output does");
  command
      ->add_flag("--propagate-exit", options->propagate_exit,
                 "With --stream: exit with the code of the run's command, 128 + N for signal N")
      ->needs(stream);
  command->add_flag("--dry-run", options->dry_run, "Print the job as it would run, and stop");
  command->add_flag("-q,--quiet", options->quiet, "Print the run's id alone");
  options->source.emplace(*command);
  options->environment.emplace(*command);
  command->footer("Example: run=$(amltrain submit --quiet --data hymenoptera_data --num-epochs 3)");
}

}  // namespace amltrain::cli
