#include <catch2/catch.hpp>

#include "image/image.hpp"
#include "image/pictures.hpp"
#include "support/error.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

struct File {
  std::string kind;
  std::vector<std::byte> bytes;
};

std::vector<File> files() {
  const Image picture = draw_picture(64, 72);
  return {{"baseline.jpg", make_jpeg(picture, Chroma::quarter)},
          {"progressive.jpg", make_jpeg(picture, Chroma::full, true)},
          {"restarts.jpg", make_jpeg(picture, Chroma::half_width, false, 2)},
          {"png", make_png(picture)},
          {"lossy.webp", make_webp(picture, false)},
          {"lossless.webp", make_webp(picture, true)}};
}

/// Reads a damaged file every way. An Error is fine and so is a picture; anything else fails the test case
/// (a fault of memory ends it under the asan preset). A damaged header can claim any size, hence the limit.
bool is_refused(std::span<const std::byte> bytes) {
  const DecodeLimits limits{1 << 20};
  bool refused = false;
  try {
    const Image image = decode(bytes, "damaged", limits);
    REQUIRE(image.rgb.size() ==
            static_cast<std::size_t>(image.height) * static_cast<std::size_t>(image.width) * 3);
  } catch (const Error& problem) {
    REQUIRE(problem.kind() == category::bad_input);
    refused = true;
  }
  try {
    const ImageSize size = probe_size(bytes, "damaged");
    decode_region(bytes, "damaged",
                  {size.width / 2, size.height / 2, size.width / 4 + 1, size.height / 4 + 1}, limits);
  } catch (const Error&) {
  }
  return refused;
}

}  // namespace

TEST_CASE("a file cut at any byte is refused or, at its very end, whole", "[image][damage]") {
  for (const File& file : files()) {
    for (std::size_t size = 0; size < file.bytes.size(); size += size < 700 ? 1 : 37) {
      CAPTURE(file.kind, size, file.bytes.size());
      const bool refused = is_refused(std::span(file.bytes).first(size));
      CHECK((refused || size + 16 > file.bytes.size()));
    }
  }
}

TEST_CASE("a file with flipped bits gives a picture or an Error", "[image][damage]") {
  Random random(2024);
  for (const File& file : files()) {
    int refused = 0;
    for (int i = 0; i < 400; ++i) {
      std::vector<std::byte> damaged = file.bytes;
      const int reach = i % 2 == 0
                            ? std::min(static_cast<int>(damaged.size()), 700)  // half of them in the headers
                            : static_cast<int>(damaged.size());
      for (int flips = 1 + random.below(3); flips > 0; --flips)
        damaged[static_cast<std::size_t>(random.below(reach))] ^= std::byte{1} << random.below(8);
      refused += is_refused(damaged);
    }
    CAPTURE(file.kind);
    CHECK(refused > 0);
  }
}
