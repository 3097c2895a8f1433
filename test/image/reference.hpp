// The outside judge: Pillow and torchvision in the Python named by AMLTRAIN_REFERENCE_PYTHON.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "image/image.hpp"
#include "support/json.hpp"

namespace amltrain::test {

/// False, with a warning that the test case is skipped, when the variable is not set.
bool have_reference();

/// The folder named by AMLTRAIN_REAL_DATA, or empty, with a warning that the test case is skipped.
std::filesystem::path real_data();

/// Runs test/reference/SCRIPT OUT ARGUMENTS... and returns OUT/manifest.json.
json run_reference(const std::string& script, const std::filesystem::path& out,
                   const std::vector<std::string>& arguments = {});

/// The picture of a manifest entry: "height", "width" and "rgb", a file of raw pixels.
Image expected_image(const json& entry);

Image decode_file(const std::filesystem::path& file);

/// Largest difference of a channel, in levels; 256 when the sizes differ.
int largest_difference(const Image& a, const Image& b);

}  // namespace amltrain::test
