#include <algorithm>
#include <catch2/catch.hpp>

#include "image/reference.hpp"
#include "support/error.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

/// Every image of the manifest: the same pixels as Pillow's, or refused by both.
void compare(const json& manifest) {
  int largest = 0, decoded = 0, refused = 0;
  for (const json& entry : manifest) {
    const auto file = entry.at("file").get<std::string>();
    INFO(file << (entry.contains("error") ? ": Pillow says " + entry["error"].get<std::string>() : ""));
    if (entry.contains("error")) {
      ++refused;
      CHECK_THROWS_AS(decode_file(file), Error);
      continue;
    }
    ++decoded;
    const int difference = largest_difference(decode_file(file), expected_image(entry));
    CHECK(difference == 0);
    largest = std::max(largest, difference);
  }
  WARN(decoded << " images, largest difference from Pillow " << largest << " levels; " << refused
               << " refused by both");
  CHECK(decoded > 0);
}

}  // namespace

TEST_CASE(
    "drawn JPEG, PNG and WebP of every kind decode to Pillow's pixels or are refused as Pillow refuses them",
    "[image][reference]") {
  if (!have_reference()) return;
  const TemporaryFolder folder;
  compare(run_reference("image_decode.py", folder.path()));
}

TEST_CASE("real photographs decode to Pillow's pixels", "[image][reference]") {
  if (!have_reference()) return;
  const auto data = real_data();
  if (data.empty()) return;
  const TemporaryFolder folder;
  compare(run_reference("image_decode.py", folder.path(), {data}));
}
