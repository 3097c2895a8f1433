#include <algorithm>
#include <catch2/catch.hpp>

#include "image/pictures.hpp"
#include "image/reference.hpp"
#include "support/error.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

Image decode_file_region(const std::string& file, const Box& box) {
  const std::string content = read_plain(file);
  return decode_region(std::as_bytes(std::span(content)), file, box);
}

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
    const Image expected = expected_image(entry);
    const int difference = largest_difference(decode_file(file), expected);
    CHECK(difference == 0);
    const Box inner{expected.width / 3, expected.height / 3, (expected.width + 1) / 2,
                    (expected.height + 1) / 2};
    CHECK(largest_difference(decode_file_region(file, inner), cut_out(expected, inner)) == 0);
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
