// The files a training leaves behind.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/exchange/state_dict.hpp"
#include "support/json.hpp"

namespace amltrain::engine {

/// model.pt (write_pth), labels.json ({"schema": "amltrain.labels/1", "labels": [...]}, in the order of fc's
/// rows) and report.json, each whole or not there; the folder is made when absent.
void write_outputs(const std::filesystem::path& folder, const StateDict& state,
                   const std::vector<std::string>& labels, const json& report);

/// Reads labels.json. Throws Error{bad_input} when it is none or does not hold `classes` labels.
std::vector<std::string> read_labels(const std::filesystem::path& file, std::int64_t classes);

}  // namespace amltrain::engine
