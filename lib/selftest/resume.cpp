#include "selftest/resume.hpp"

#include <algorithm>
#include <mutex>
#include <random>

#include "dataset/sample/sample.hpp"
#include "selftest/trial.hpp"
#include "support/files.hpp"
#include "support/parallel.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr int kLongestChain = 4;

struct Reference {
  Configuration configuration;
  std::string hash;
  std::chrono::nanoseconds duration{};
};

struct Kill {
  Phase phase;
  std::string text() const { return phase.name + (phase.in_checkpoint ? " and a checkpoint" : ""); }
};

/// Files that end early, among the others: two of the training images, one that is validated.
void damage(const fs::path& data) {
  for (const char* split : {"train", "train", "val"}) {
    std::vector<fs::path> files;
    for (const fs::directory_entry& item : fs::recursive_directory_iterator(data / split))
      if (item.is_regular_file() && item.file_size() > 500) files.push_back(item.path());
    std::ranges::sort(files);
    fs::resize_file(files.at(1), 400);
  }
}

class ResumeTest {
 public:
  ResumeTest(fs::path program, fs::path scratch, const ResumeTestOptions& options,
             const std::function<void(const std::string&)>& say)
      : program_(std::move(program)),
        scratch_(std::move(scratch)),
        options_(options),
        say_(say),
        left_(options.kills) {}

  ResumeTestResult run() {
    draw_sample(scratch_ / "sound", {.train_per_class = 5, .val_per_class = 3});
    draw_sample(scratch_ / "damaged", {.train_per_class = 5, .val_per_class = 3});
    damage(scratch_ / "damaged");
    for (Configuration& one : choose_configurations(options_.configurations))
      references_.push_back({std::move(one), "", {}});
    for_each_in_parallel(references_.size(), options_.jobs,
                         [&](std::size_t i) { train_alone(references_[i]); });
    const auto jobs = static_cast<std::size_t>(options_.jobs);
    for_each_in_parallel(jobs, options_.jobs, [&](std::size_t) { try_until_done(); });
    return result_;
  }

 private:
  Trial trial(const Configuration& configuration, const fs::path& folder) const {
    return {program_, scratch_ / (configuration.damaged_data ? "damaged" : "sound"), folder,
            configuration.words};
  }

  void train_alone(Reference& reference) {
    const fs::path folder = scratch_ / ("alone-" + reference.configuration.name);
    const Trial alone = trial(reference.configuration, folder);
    reference.duration = alone.finish();
    reference.hash = alone.result_hash();
    fs::remove_all(folder);
    const std::lock_guard hold(mutex_);
    say_(reference.configuration.name + ": " + reference.hash.substr(0, 16) + " when left alone");
  }

  void try_until_done() {
    while (true) {
      int number = 0, chain = 0;
      {
        const std::lock_guard hold(mutex_);
        if (left_ <= 0) return;
        number = begun_++;
        std::mt19937_64 random(options_.seed + static_cast<std::uint64_t>(number));
        chain = std::min(left_, 1 + static_cast<int>(random() % kLongestChain));
        left_ -= chain;
      }
      try_one(number, chain);
    }
  }

  void try_one(int number, int chain) {
    const Reference& reference = references_[static_cast<std::size_t>(number) % references_.size()];
    const fs::path folder = scratch_ / ("killed-" + std::to_string(number));
    const Trial killed = trial(reference.configuration, folder);
    std::mt19937_64 random((options_.seed << 32) + static_cast<std::uint64_t>(number));
    std::vector<Kill> kills;
    bool ended = false;
    while (static_cast<int>(kills.size()) < chain && !ended) {
      ended = !killed.kill_at(draw_aim(random, reference.duration));
      if (!ended) kills.push_back({killed.phase()});
    }
    if (!ended) killed.finish();
    const bool same = killed.result_hash() == reference.hash;
    fs::remove_all(folder);
    record(reference.configuration.name, kills, chain, same);
  }

  void record(const std::string& name, const std::vector<Kill>& kills, int chain, bool same) {
    std::string story = name;
    for (const Kill& kill : kills) story += ", killed in " + kill.text();
    const std::lock_guard hold(mutex_);
    const int hits = static_cast<int>(kills.size());
    left_ += chain - hits;
    if (hits == 0) return;  // it was over before the moment came: nothing was tried
    result_.kills += hits;
    result_.configurations[name] += hits;
    ++result_.trainings;
    ++result_.chains[hits];
    for (const Kill& kill : kills) {
      ++result_.phases[kill.phase.name];
      result_.in_checkpoints += kill.phase.in_checkpoint;
    }
    if (!same) result_.differing.push_back(story);
    say_(story + (same ? ": the same" : ": DIFFERS"));
  }

  fs::path program_, scratch_;
  const ResumeTestOptions& options_;
  const std::function<void(const std::string&)>& say_;
  std::vector<Reference> references_;
  std::mutex mutex_;  // of all below
  int left_, begun_ = 0;
  ResumeTestResult result_;
};

}  // namespace

void to_json(json& out, const ResumeTestResult& result) {
  json chains = json::object();
  for (const auto& [length, count] : result.chains) chains[std::to_string(length)] = count;
  out = {{"schema", "amltrain.resume-test/1"},      {"kills", result.kills},
         {"trainings", result.trainings},           {"phases", result.phases},
         {"in_checkpoints", result.in_checkpoints}, {"chains", std::move(chains)},
         {"configurations", result.configurations}, {"differing", result.differing}};
}

ResumeTestResult test_resume(const fs::path& program, const fs::path& scratch,
                             const ResumeTestOptions& options,
                             const std::function<void(const std::string&)>& say) {
  return ResumeTest(program, scratch, options, say).run();
}

}  // namespace amltrain
