// `amltrain selftest resume`: does a training that is killed again and again end as one that is left alone?
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "selftest/configurations.hpp"
#include "support/json.hpp"

namespace amltrain {

struct ResumeTestOptions {
  int kills = 50;
  std::uint64_t seed = 1;      // of the moments
  std::string configurations;  // as choose_configurations() takes them
  int jobs = 2;                // trainings side by side
};

struct ResumeTestResult {
  int kills = 0, trainings = 0;               // trainings: chains of kills, each ended and compared
  std::map<std::string, int> phases;          // kills by where they hit
  std::map<std::string, int> configurations;  // and by what was trained
  std::map<int, int> chains;                  // trainings by their number of kills
  int in_checkpoints = 0;                     // kills while a checkpoint was being written
  std::vector<std::string> differing;         // trainings that ended otherwise: configuration and its kills
};
void to_json(json& out, const ResumeTestResult& result);

/// Trains a small drawn set in each configuration: once left alone, then killed (-9) and resumed until
/// `kills` have hit, in chains of one to four a training; one half of the moments is random, the other aimed
/// at epochs, validations and the writing of checkpoints. Everything is below `scratch`, which is new. Throws
/// Error{run_failed} when a training fails.
ResumeTestResult test_resume(const std::filesystem::path& program, const std::filesystem::path& scratch,
                             const ResumeTestOptions& options,
                             const std::function<void(const std::string&)>& say);

}  // namespace amltrain
