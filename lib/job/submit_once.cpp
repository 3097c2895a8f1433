#include "job/submit_once.hpp"

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/lock.hpp"
#include "support/sealed.hpp"

namespace amltrain {
namespace {

constexpr std::string_view kSchema = "amltrain.submission/1";
constexpr std::size_t kLongestKey = 1024;
/// Another submit with the key may be storing a large source.
constexpr std::chrono::hours kPatience{24};

/// The run that the document of a key names; absent when there is none.
std::optional<RunId> named_run(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return std::nullopt;
  return field<std::string>(read_document(file, kSchema), "run");
}

/// A run that no supervisor took over was never told of: its submit was killed, or failed and said so.
bool stands(const Workspace& workspace, const RunId& run) {
  try {
    const RunRecord record = read_run(workspace, run, Detail::state);
    return record.supervisor.has_value() || !record.slurm_job.empty() || !is_terminal(record.state);
  } catch (const Error& problem) {
    if (problem.kind() == category::not_found) return false;
    throw;
  }
}

}  // namespace

SubmittedOnce submit_once(const Workspace& workspace, const std::string& key, JobDefinition job,
                          const std::function<RunId(const JobDefinition&)>& submit) {
  if (key.empty() || key.size() > kLongestKey)
    throw Error(category::bad_input, "the idempotency key has " + std::to_string(key.size()) + " bytes",
                "it must have 1 to " + std::to_string(kLongestKey));
  const std::string hash = sha256_of(key);
  const std::filesystem::path file = workspace.submission_file(hash);
  create_folders(file.parent_path());
  std::filesystem::path lock_file = file;
  const FileLock lock = FileLock::acquire(lock_file.replace_extension(".lock"), kPatience);
  if (const auto run = named_run(file); run && stands(workspace, *run)) return {*run, false};
  if (job.name.empty()) job.name = new_run_id(job.experiment_name, now());
  if (std::filesystem::exists(workspace.run_folder(job.name)))
    throw Error(category::conflict, "there is a run '" + job.name + "' already, not made with this key",
                "leave out name: or choose another: --set name=NAME");
  // Before there is a run: one that nobody knows the key of would be made twice.
  publish_file(file, sealed_text({{"schema", kSchema}, {"key", key}, {"run", job.name}}));
  try {
    return {submit(job), true};
  } catch (const Error& problem) {
    if (problem.kind() == category::conflict) std::filesystem::remove(file);  // another took the name
    throw;
  }
}

}  // namespace amltrain
