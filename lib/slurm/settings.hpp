// Of a compute target of kind slurm: where in the cluster its runs are submitted, and with what.
#pragma once

#include <string>
#include <vector>

#include "support/json.hpp"

namespace amltrain {

struct SlurmSettings {
  std::string partition;
  std::string account, qos;            // empty: the user's own
  std::vector<std::string> arguments;  // for sbatch, as --gres=gpu:4
  std::string cluster;                 // its name, as Slurm told when the target was made
};
void to_json(json& out, const SlurmSettings& settings);
SlurmSettings parse_slurm_settings(const json& in);

/// Throws Error{bad_input} for names that are none, and for an argument that is no option of sbatch's, or
/// sets what amltrain sets.
void require_settings(const SlurmSettings& settings);

/// "partition=gpu account=- qos=- arguments=--gres=gpu:4", to compare and to tell.
std::string describe(const SlurmSettings& settings);

}  // namespace amltrain
