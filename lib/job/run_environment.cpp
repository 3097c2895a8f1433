#include "job/run_environment.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "environment/build.hpp"
#include "job/errand.hpp"
#include "job/likely_cause.hpp"
#include "support/error.hpp"
#include "support/text.hpp"
#include "workspace/making.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;

/// A lock that another process lets go of has no event to wait for.
constexpr std::chrono::milliseconds kLockPoll{150};
constexpr int kQuietAttempts = 3;

class Provision {
 public:
  Provision(const Workspace& workspace, RunWriter& run, ProcessKeeper& keeper, const Command& model,
            const std::function<void()>& throw_if_stopped)
      : workspace_(workspace),
        run_(run),
        keeper_(keeper),
        model_(model),
        throw_if_stopped_(throw_if_stopped) {}

  ProvidedEnvironment provide(const JobDefinition& job) {
    spec_ = job.environment;
    if (const RunId& original = run_.definition().reproduces; !original.empty()) {
      if (auto same = take_over(original)) return std::move(*same);
    }
    tell("looks for its environment");
    const std::string answer = work([this] {
      const EnvironmentKey key = identify_environment(spec_);
      return json{{"sha256", key.sha256}, {"python", key.python}}.dump();
    });
    const json key = parse_json(answer, "the key of an environment");
    return find_or_build({field<std::string>(key, "sha256"), parse_python(field<json>(key, "python"))});
  }

 private:
  /// The environment of the original. When that has gone, `spec_` asks for the versions that it had.
  std::optional<ProvidedEnvironment> take_over(const RunId& original) {
    RunRecord before;
    try {
      before = read_run(workspace_, original);
    } catch (const Error&) {  // deleted meanwhile
      return std::nullopt;
    }
    if (before.environment.empty()) return std::nullopt;
    if (auto there = use_if_there(before.environment)) return there;
    const bool hashed = join(spec_.requirements, " ").find("--hash=") != std::string::npos;
    if (hashed || !before.conditions.is_object()) return std::nullopt;
    const json then = field_or<json>(before.conditions, "environment", json::object());
    for (const auto& [name, version] : field_or<std::map<std::string, std::string>>(then, "packages", {}))
      spec_.constraints.push_back(name + "==" + version);
    return std::nullopt;
  }

  ProvidedEnvironment find_or_build(const EnvironmentKey& key) {
    if (auto there = use_if_there(key.sha256)) return std::move(*there);
    const std::string name = "environment " + key.sha256.substr(0, 12);
    const FileLock lock = wait_for([&] { return try_lock_environment(workspace_, key.sha256); },
                                   "waits for another run that builds " + name, key.sha256);
    if (auto there = use_if_there(key.sha256)) return std::move(*there);
    std::optional<FileLock> unused =
        wait_for([&] { return try_lock_unused_environment(workspace_, key.sha256); },
                 "waits for the end of the runs that use " + name + ", which is damaged", key.sha256);
    tell("builds " + name + ": see logs/environment.log", key.sha256);
    work([&] {
      build_environment(workspace_, spec_, key, run_.paths().environment_log(), lock, model_);
      return std::string();
    });
    unused.reset();
    auto built = use_if_there(key.sha256);
    if (!built) throw Error(category::environment, name + " was removed as soon as it was built");
    return std::move(*built);
  }

  std::optional<ProvidedEnvironment> use_if_there(const std::string& sha256) {
    // Until the event names it.
    const FileLock unnamed =
        wait_for([&] { return try_hold_off_gc(workspace_); }, "waits for a workspace gc");
    auto use = try_use_environment(workspace_, sha256);
    if (!use) return std::nullopt;
    auto there = find_environment(workspace_, sha256);
    if (!there) return std::nullopt;
    tell("has environment " + sha256.substr(0, 12), sha256);
    return ProvidedEnvironment{std::move(*there), std::move(*use)};
  }

  /// Says that it waits, if it is for longer than others take to look.
  FileLock wait_for(const std::function<std::optional<FileLock>()>& attempt, const std::string& waits,
                    const std::string& sha256 = "") {
    auto lock = attempt();
    for (int attempts = 1; !lock; ++attempts) {
      if (attempts == kQuietAttempts) tell(waits, sha256);
      if (const auto left = time_left(); left && left->count() == 0) throw_time_limit();
      keeper_.wait(kLockPoll);
      throw_if_stopped_();
      lock = attempt();
    }
    return std::move(*lock);
  }

  void tell(const std::string& what, const std::string& sha256 = "") {
    Event event{};
    event.time = now();
    event.state = State::preparing;
    event.reason = what;
    event.environment = sha256;
    run_.record(std::move(event));
  }

  /// In a process of its own, which is ended on a request to stop and at the time limit.
  std::string work(const std::function<std::string()>& task) {
    const Errand errand(task);
    const ChildEnd end = keeper_.attend(errand.pid(), time_left(), std::chrono::seconds(0), [] {});
    throw_if_stopped_();
    if (end.by == EndedBy::time_limit) throw_time_limit();
    try {
      return errand.result(end.status);
    } catch (const Error& problem) {
      const auto cause = cause_in(problem.what());
      if (problem.kind() != category::run_failed || !cause) throw;
      const bool machine = cause->name == "disk_full" || cause->name == "no_network";
      throw Error(machine ? category::environment : problem.kind(), problem.what(),
                  cause->hint + "; " + problem.hint());
    }
  }

  std::optional<std::chrono::seconds> time_left() const {
    const auto& limit = run_.definition().timeout;
    if (!limit) return std::nullopt;
    const auto gone = std::chrono::floor<std::chrono::seconds>(Clock::now() - begun_);
    return std::max(*limit - gone, std::chrono::seconds(0));
  }

  [[noreturn]] void throw_time_limit() const {
    throw Error(category::timed_out,
                "its environment was not ready within the time limit of " +
                    human_duration(run_.definition().timeout.value_or(std::chrono::seconds(0))),
                "raise limits.timeout, or see logs/environment.log for what takes so long");
  }

  const Workspace& workspace_;
  RunWriter& run_;
  ProcessKeeper& keeper_;
  const Command& model_;
  const std::function<void()>& throw_if_stopped_;
  const Clock::time_point begun_ = Clock::now();
  EnvironmentSpec spec_;
};

std::string value_of(const Command& command, const std::string& name, const std::string& otherwise) {
  const auto own = command.environment.find(name);
  if (own != command.environment.end()) return own->second;
  const char* inherited = std::getenv(name.c_str());
  return inherited != nullptr ? inherited : otherwise;
}

}  // namespace

ProvidedEnvironment provide_environment(const Workspace& workspace, RunWriter& run, ProcessKeeper& keeper,
                                        const JobDefinition& job, const Command& model,
                                        const std::function<void()>& throw_if_stopped) {
  return Provision(workspace, run, keeper, model, throw_if_stopped).provide(job);
}

void enter_environment(Command& worker, const Environment& environment) {
  worker.environment["PATH"] =
      (environment.folder / "bin").string() + ":" + value_of(worker, "PATH", "/usr/local/bin:/usr/bin:/bin");
  worker.environment["VIRTUAL_ENV"] = environment.folder.string();
  // It would make any Python look for its modules elsewhere.
  if (!value_of(worker, "PYTHONHOME", "").empty()) worker.environment["PYTHONHOME"] = "";
}

json environment_conditions(const Environment& environment) {
  return {{"sha256", environment.sha256},
          {"python", environment.python.version},
          {"built_by", environment.built_by},
          {"packages", installed_packages(environment.folder)}};
}

json python_conditions(const std::string& command, const Command& worker) {
  std::istringstream words(command);
  for (std::string word; words >> word;) {
    const std::string name = word.substr(word.rfind('/') + 1);  // of npos: all of it
    if (!name.starts_with("python") || name.find_first_not_of("0123456789.", 6) != std::string::npos)
      continue;
    if (const auto seen = look_into_python(word, worker.environment))
      return {{"sha256", nullptr},
              {"python", seen->version},
              {"built_by", nullptr},
              {"packages", seen->packages}};
  }
  return nullptr;
}

}  // namespace amltrain
