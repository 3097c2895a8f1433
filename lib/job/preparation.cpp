#include "job/preparation.hpp"

#include <algorithm>

#include "dataset/lock.hpp"
#include "job/data_fingerprint.hpp"
#include "job/errand.hpp"
#include "job/input_copy.hpp"
#include "job/input_fingerprints.hpp"
#include "job/input_location.hpp"
#include "job/job_paths.hpp"
#include "job/secret_variables.hpp"
#include "job/working_folder.hpp"
#include "support/hash.hpp"

namespace amltrain {
namespace {

class Preparation {
 public:
  Preparation(const Workspace& workspace, RunWriter& run, const JobDefinition& job, ProcessKeeper& keeper,
              RunProcesses& processes, const std::function<void()>& throw_if_stopped)
      : workspace_(workspace),
        run_(run),
        job_(job),
        keeper_(keeper),
        processes_(processes),
        throw_if_stopped_(throw_if_stopped) {}

  Prepared prepare() {
    const auto values = placeholder_values(workspace_, job_, run_.paths().folder);
    for (const auto& [name, output] : job_.outputs) {
      if (output.type != "uri_file") create_folders(run_.paths().outputs() / name);
    }
    const bool has_worked = read_recorded(run_.paths()).started_at.has_value();
    if (!has_worked) lay_out_source();
    if (!job_.environment.empty()) find_environment();
    if (!has_worked) copy_inputs();
    name_data();
    name_other_inputs();
    made_.input_marks = ask_for_marks(workspace_, job_, keeper_);
    throw_if_stopped_();
    made_.command = expand_command(job_, values);
    return std::move(made_);
  }

 private:
  void find_environment() {
    Command builder;
    builder.environment = job_.environment_variables;
    std::erase_if(builder.environment,
                  [](const auto& variable) { return variable.second == kNotKept; });  // inherited
    processes_.take_in(builder);
    made_.environment = provide_environment(workspace_, run_, keeper_, job_, builder, throw_if_stopped_);
  }

  /// Waits until the errand is done, or throws when the run is asked to end before.
  std::string result_of(const Errand& errand) {
    const ChildEnd end = keeper_.attend(errand.pid(), {}, std::chrono::seconds(0), [] {});
    throw_if_stopped_();
    return errand.result(end.status);
  }

  /// Over what is there: what a start before has left half made, or the checkpoints of a run that is gone on
  /// with.
  void lay_out_source() {
    if (run_.definition().snapshot.empty()) return;
    const Errand errand([&] {
      make_working_folder(workspace_, run_.definition().snapshot, run_.paths());
      return std::string();
    });
    result_of(errand);
  }

  void copy_inputs() {
    const bool any = std::any_of(job_.inputs.begin(), job_.inputs.end(),
                                 [](const auto& input) { return is_copied(input.second); });
    if (!any) return;
    const Errand errand([&] {
      std::filesystem::remove_all(run_.paths().inputs());
      make_input_copies(workspace_, job_, run_.paths());
      return std::string();
    });
    result_of(errand);
  }

  void name_data() {
    const auto& data = run_.definition().data;
    const auto lock = data ? lock_of_data(*data) : std::nullopt;
    if (!data || (!lock && !data->fingerprint.empty())) return;
    const Errand errand([&] {
      return lock ? require_locked(*lock, image_folder_root(data->folder)) : fingerprint_data(data->folder);
    });
    made_.data_fingerprint = result_of(errand);
    if (lock) made_.verified_lock = lock->string();
  }

  /// A job with very many inputs has one name for all: an errand's answer is short, and so is what it is
  /// compared in.
  void name_other_inputs() {
    const std::string data = name_of_data_input(job_);
    const bool any = std::any_of(job_.inputs.begin(), job_.inputs.end(), [&](const auto& input) {
      return input.second.type != "literal" && input.first != data;
    });
    if (!any) return;
    constexpr std::size_t kMostNames = 64;
    const Errand errand([&] {
      const json names = fingerprint_inputs(workspace_, job_, run_.paths().folder);
      if (names.size() <= kMostNames) return names.dump();
      return json{{"(all)", "sha256:" + sha256_of(names.dump())}}.dump();
    });
    made_.input_fingerprints =
        parse_json(result_of(errand), "the fingerprints of inputs").get<std::map<std::string, std::string>>();
  }

  /// What was fetched from the web has no name here but its folder's.
  std::optional<std::filesystem::path> lock_of_data(const DataReference& data) const {
    return lock_of(workspace_, is_web_address(data.name) ? data.folder.string() : data.name, data.folder);
  }

  const Workspace& workspace_;
  RunWriter& run_;
  const JobDefinition& job_;
  ProcessKeeper& keeper_;
  RunProcesses& processes_;
  const std::function<void()>& throw_if_stopped_;
  Prepared made_;
};

}  // namespace

Prepared prepare_run(const Workspace& workspace, RunWriter& run, const JobDefinition& job,
                     ProcessKeeper& keeper, RunProcesses& processes,
                     const std::function<void()>& throw_if_stopped) {
  return Preparation(workspace, run, job, keeper, processes, throw_if_stopped).prepare();
}

}  // namespace amltrain
