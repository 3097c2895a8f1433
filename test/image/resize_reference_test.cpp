#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "image/reference.hpp"
#include "image/resize.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

void compare(const json& entries, const std::function<Image(const Image&, const json&)>& ours) {
  int largest = 0;
  for (const json& entry : entries) {
    INFO(entry.dump());
    const Image image = decode_file(entry.at("file").get<std::string>());
    const int difference = largest_difference(ours(image, entry), expected_image(entry));
    CHECK(difference == 0);
    largest = std::max(largest, difference);
  }
  WARN(entries.size() << " images, largest difference " << largest << " levels");
  CHECK(!entries.empty());
}

}  // namespace

TEST_CASE("random crops and whole images are resized to the pixels of Pillow and torchvision",
          "[image][reference]") {
  if (!have_reference()) return;
  const TemporaryFolder folder;
  const json manifest = run_reference("image_resize.py", folder.path());
  compare(manifest.at("crops"), [](const Image& image, const json& entry) {
    const auto box = entry.at("box").get<std::vector<int>>();
    return resize(image, {box[0], box[1], box[2], box[3]}, {entry.at("height"), entry.at("width")});
  });
  compare(manifest.at("shorter"), [](const Image& image, const json& entry) {
    return resize_shorter_side(image, entry.at("shorter").get<int>());
  });
}
