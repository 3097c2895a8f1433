#include "job/job_schema.hpp"

#include <algorithm>

#include "job/job_takers.hpp"

namespace amltrain {
namespace {

constexpr auto honoured = Standing::honoured, mapped = Standing::mapped, no_meaning = Standing::no_meaning,
               refused = Standing::refused;

constexpr std::string_view kOneMachine = "this machine runs the job as it is; nothing is rented or contained";
constexpr std::string_view kShell =
    "names nothing here; without conda_file the command runs in the environment of the shell that submits";

constexpr SchemaRow kRows[] = {
    {"$schema", "", no_meaning, "names the schema, which is known here"},
    {"schema", "amltrain.job/1", honoured, "the form in which a run keeps its job"},
    {"type", "command", honoured, "a job of one command"},
    {"type", "sweep", refused, "write one job of type command a trial"},
    {"type", "pipeline", refused, "write one job of type command a step"},
    {"type", "parallel", refused, "write type: command"},
    {"type", "spark", refused, "write type: command"},
    {"type", "automl", refused, "write type: command"},
    {"name", "", honoured, "the run's id, used once in a workspace", take_name<&JobDefinition::name>},
    {"display_name", "", honoured, "kept with the run", take_text<&JobDefinition::display_name>},
    {"description", "", honoured, "kept with the run", take_text<&JobDefinition::description>},
    {"tags", "", honoured, "kept with the run; runs list --tag finds by them",
     take_texts<&JobDefinition::tags>},
    {"properties", "", no_meaning, "write tags, which are kept with the run"},
    {"experiment_name", "", honoured, "made when absent; else the workspace's name",
     take_name<&JobDefinition::experiment_name>},
    {"compute", "", mapped, "the compute target of that name; local is made when absent", take_compute},
    {"command", "", honoured, "run by /bin/sh once its placeholders are replaced", take_command},
    {"code", "", honoured, "a snapshot of the folder; the command works in a copy of it", take_code},

    {"inputs.*", "", honoured, "a literal, or azureml:NAME: data of the workspace", take_input},
    {"inputs.*.type", "uri_folder", honoured, "a folder", take_input_type},
    {"inputs.*.type", "uri_file", honoured, "a file", take_input_type},
    {"inputs.*.type", "custom_model", mapped,
     "a file or folder as it lies; azureml: names a registered model", take_input_type},
    {"inputs.*.type", "mlflow_model", mapped, "a folder as it lies; azureml: names a registered model",
     take_input_type},
    {"inputs.*.type", "triton_model", mapped, "a folder as it lies; azureml: names a registered model",
     take_input_type},
    {"inputs.*.type", "mltable", refused, "tables are not read: give their files as uri_folder or uri_file"},
    {"inputs.*.type", "string", refused, "write the value itself: NAME: text"},
    {"inputs.*.type", "number", refused, "write the value itself: NAME: 0.1"},
    {"inputs.*.type", "integer", refused, "write the value itself: NAME: 3"},
    {"inputs.*.type", "boolean", refused, "write the value itself: NAME: true"},
    {"inputs.*.path", "", honoured,
     "from the file's folder, azureml:NAME, or an http(s) URL; read where it lies, unless mode says download",
     take_input_path},
    {"inputs.*.mode", "ro_mount", mapped,
     "read where it lies; nothing keeps the command from writing there, but the run says when it was changed",
     take_input_mode},
    {"inputs.*.mode", "direct", mapped, "read where it lies, as ro_mount", take_input_mode},
    {"inputs.*.mode", "download", honoured, "copied to inputs/NAME of the run before it starts",
     take_input_mode},
    {"inputs.*.mode", "eval_mount", refused, "is for tables, which are not read here"},
    {"inputs.*.mode", "eval_download", refused, "is for tables, which are not read here"},

    {"outputs.*", "", honoured, "outputs/NAME of the run", take_output},
    {"outputs.*.type", "uri_folder", honoured, "a folder, which is made", take_output_type},
    {"outputs.*.type", "uri_file", honoured, "a file, which the command writes", take_output_type},
    {"outputs.*.type", "custom_model", mapped, "a folder; amltrain register makes a model of it",
     take_output_type},
    {"outputs.*.type", "mlflow_model", mapped, "a folder; amltrain register makes a model of it",
     take_output_type},
    {"outputs.*.type", "triton_model", mapped, "a folder; amltrain register makes a model of it",
     take_output_type},
    {"outputs.*.type", "mltable", refused, "write uri_folder or uri_file"},
    {"outputs.*.mode", "rw_mount", mapped, "written to the run's folder at once", take_word},
    {"outputs.*.mode", "upload", mapped, "written to the run's folder at once", take_word},
    {"outputs.*.mode", "direct", mapped, "written to the run's folder at once", take_word},
    {"outputs.*.path", "", no_meaning, "it stays in the run; amltrain download brings it elsewhere"},
    {"outputs.*.name", "", no_meaning, "no data asset is made; amltrain register makes a model of it"},
    {"outputs.*.version", "", no_meaning, "no data asset is made; amltrain register makes a model of it"},

    {"environment", "local", mapped, "the environment of the shell that submits"},
    {"environment", "", no_meaning,
     "no environment has that name here: the machine's own Python runs the command, unless packages are "
     "asked for, by conda_file or requirements below environment or by --pip-packages",
     take_environment},
    {"environment.$schema", "", no_meaning, kShell},
    {"environment.name", "", no_meaning, kShell},
    {"environment.version", "", no_meaning, kShell},
    {"environment.description", "", no_meaning, kShell},
    {"environment.tags", "", no_meaning, kShell},
    {"environment.image", "", no_meaning, "no container is started; the command runs on the machine itself"},
    {"environment.build", "", no_meaning, "no image is built; the command runs on the machine itself"},
    {"environment.os_type", "", no_meaning, "the command runs on the machine itself"},
    {"environment.inference_config", "", no_meaning, "is for endpoints"},
    {"environment.conda_file", "", mapped,
     "its python=VERSION and pip packages: a virtual environment, built once and used again",
     take_conda_file},
    {"environment.python", "", honoured, "ours: a version, a name in PATH or a path; makes the environment",
     take_python},
    {"environment.requirements", "", honoured, "ours: lines of a requirements file; makes the environment",
     take_requirements},
    {"environment.constraints", "", honoured, "ours: lines of a constraints file for these",
     take_constraints},
    {"environment_variables", "", honoured,
     "set, on top of those of the shell that submits; those that say which process of which run it is are "
     "the run's",
     take_variables},

    {"distribution.type", "pytorch", honoured, "RANK, WORLD_SIZE, MASTER_ADDR and their like are set",
     take_distribution},
    {"distribution.type", "mpi", honoured, "Open MPI's mpirun starts the processes", take_distribution},
    {"distribution.type", "tensorflow", refused, "write pytorch or mpi"},
    {"distribution.type", "ray", refused, "write pytorch or mpi"},
    {"distribution.process_count_per_instance", "", honoured, "started on each node, by mpirun",
     take_procs_per_node},
    {"resources.instance_count", "", honoured, "nodes: each takes a slot of the compute target", take_nodes},
    {"resources.min_instance_count", "", honoured,
     "ours: fewer nodes than these a restart does not go on with; default: 1 for the built-in trainer, else "
     "all",
     take_min_nodes},
    {"resources.slots", "", honoured, "ours: how many slots of the compute target the run takes; default: 1",
     take_slots},
    {"resources.instance_type", "", no_meaning, kOneMachine},
    {"resources.max_instance_count", "", no_meaning, kOneMachine},
    {"resources.shm_size", "", no_meaning, "the machine's own /dev/shm is used"},
    {"resources.docker_args", "", no_meaning, "no container is started"},
    {"resources.locations", "", no_meaning, kOneMachine},
    {"resources.properties", "", no_meaning, kOneMachine},

    {"limits.timeout", "", honoured, "longest running time: seconds, or 20m, 2h, 1d", take_timeout},
    {"limits.max_restarts", "", honoured, "ours: how often a worker that was lost is started again",
     take_max_restarts},
    {"limits.queue_timeout", "", honoured, "ours: longest time in the queue", take_queue_timeout},
    {"queue_settings.job_tier", "", no_meaning, kOneMachine},
    {"queue_settings.priority", "", honoured,
     "low, medium, high, or ours: 0 to 100; within one, first come, first served", take_priority},
    {"queue_settings.after", "", honoured, "ours: RUN, which must be Completed first, or RUN:any; or a list",
     take_after},
    {"services", "", no_meaning, "nothing is opened to the network beside the command"},
    {"identity", "", no_meaning, "the command has the rights of the user who submits"},
};

/// "a.b" of "a.b.c" when it lies below `path`; empty otherwise.
std::string_view member_below(std::string_view candidate, std::string_view path) {
  if (!path.empty()) {
    if (candidate.size() <= path.size() || !candidate.starts_with(path) || candidate[path.size()] != '.')
      return {};
    candidate.remove_prefix(path.size() + 1);
  }
  return candidate.substr(0, candidate.find('.'));
}

}  // namespace

const char* name_of(Standing standing) {
  switch (standing) {
    case Standing::honoured:
      return "honoured";
    case Standing::mapped:
      return "mapped";
    case Standing::no_meaning:
      return "no_meaning";
    case Standing::refused:
      break;
  }
  return "refused";
}

std::span<const SchemaRow> job_schema() { return kRows; }

std::vector<SchemaRow> schema_rows(std::string_view path) {
  std::vector<SchemaRow> rows;
  std::copy_if(std::begin(kRows), std::end(kRows), std::back_inserter(rows),
               [path](const SchemaRow& row) { return row.path == path; });
  return rows;
}

std::vector<std::string> schema_members(std::string_view path) {
  std::vector<std::string> members;
  for (const SchemaRow& row : kRows) {
    const std::string member(member_below(row.path, path));
    if (member.empty() || member == "*" || std::find(members.begin(), members.end(), member) != members.end())
      continue;
    members.push_back(member);
  }
  return members;
}

bool has_schema_members(std::string_view path) {
  return std::any_of(std::begin(kRows), std::end(kRows),
                     [path](const SchemaRow& row) { return !member_below(row.path, path).empty(); });
}

}  // namespace amltrain
