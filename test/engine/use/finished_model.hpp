// A model as a training leaves it, without the training.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace amltrain::test {

/// folder/model.pt (a fresh resnet18), labels.json, and a report.json that says how large the images were.
void put_model(const std::filesystem::path& folder, const std::vector<std::string>& labels);

}  // namespace amltrain::test
