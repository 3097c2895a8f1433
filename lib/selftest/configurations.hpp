// The small trainings that `amltrain selftest resume` kills: each holds another part of the trainer's state.
#pragma once

#include <string>
#include <vector>

namespace amltrain {

struct Configuration {
  std::string name;
  std::vector<std::string> words;  // of `amltrain train`, without data and folders
  bool damaged_data = false;       // trains on the folder with files that can't be read
};

/// All of them; the first few are the most different.
std::vector<Configuration> all_configurations();

/// "" for all, a number for the first ones, or names joined by commas. Throws Error{bad_input} listing the
/// names.
std::vector<Configuration> choose_configurations(const std::string& chosen);

}  // namespace amltrain
