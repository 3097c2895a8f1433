#include "selftest/resume.hpp"

#include <random>

#include "dataset/sample/sample.hpp"
#include "selftest/trial.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr int kLongestChain = 4;

struct Configuration {
  std::string name;
  std::vector<std::string> words;
};

std::vector<Configuration> configurations() {
  const std::vector<std::string> small{
      "--arch",      "resnet18", "--num-epochs", "3",  "--batch-size",  "4",  "--workers",       "1",
      "--threads",   "1",        "--image-size", "33", "--resize-size", "36", "--learning-rate", "0.005",
      "--log-every", "1",        "--lr-step",    "1"};
  const auto with = [&](const std::string& name, const std::vector<std::string>& more) {
    Configuration one{name, small};
    one.words.insert(one.words.end(), more.begin(), more.end());
    return one;
  };
  return {with("fp32", {"--precision", "fp32", "--checkpoint-every", "3"}),
          with("bf16", {"--precision", "bf16", "--checkpoint-every", "2"}),
          with("fp32, frozen backbone", {"--precision", "fp32", "--freeze", "backbone"})};
}

struct Reference {
  Configuration configuration;
  std::string hash;
  std::chrono::nanoseconds duration;
};

}  // namespace

void to_json(json& out, const ResumeTestResult& result) {
  out = {{"schema", "amltrain.resume-test/1"},      {"kills", result.kills},
         {"trainings", result.trainings},           {"phases", result.phases},
         {"in_checkpoints", result.in_checkpoints}, {"differing", result.differing}};
}

ResumeTestResult test_resume(const fs::path& program, const fs::path& scratch,
                             const ResumeTestOptions& options,
                             const std::function<void(const std::string&)>& say) {
  const fs::path data = scratch / "data";
  draw_sample(data, {.train_per_class = 10, .val_per_class = 8});
  std::vector<Reference> references;
  for (const Configuration& configuration : configurations()) {
    const fs::path folder = scratch / "alone";
    const Trial alone(program, data, folder, configuration.words);
    const auto duration = alone.finish();
    references.push_back({configuration, alone.result_hash(), duration});
    fs::remove_all(folder);
    say(configuration.name + ": " + references.back().hash.substr(0, 16) + " when left alone");
  }
  ResumeTestResult result;
  std::mt19937_64 random(options.seed);
  while (result.kills < options.kills) {
    const Reference& reference = references[static_cast<std::size_t>(result.trainings) % references.size()];
    const fs::path folder = scratch / "killed";
    const Trial trial(program, data, folder, reference.configuration.words);
    std::string story = reference.configuration.name;
    const int chain = 1 + static_cast<int>(random() % kLongestChain);
    bool ended = false;
    for (int i = 0; i < chain && !ended && result.kills < options.kills; ++i) {
      const auto delay = std::chrono::nanoseconds(
          static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(reference.duration.count())));
      ended = !trial.kill_after(delay);
      if (ended) break;
      const Phase phase = trial.phase();
      ++result.kills;
      ++result.phases[phase.name];
      result.in_checkpoints += phase.in_checkpoint;
      story += ", killed in " + phase.name + (phase.in_checkpoint ? " and a checkpoint" : "");
    }
    if (!ended) trial.finish();
    ++result.trainings;
    const bool same = trial.result_hash() == reference.hash;
    if (!same) result.differing.push_back(story);
    say(story + (same ? ": the same" : ": DIFFERS"));
    fs::remove_all(folder);
  }
  return result;
}

}  // namespace amltrain
