#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>

#include "engine/data/augment.hpp"
#include "image/pictures.hpp"
#include "image/reader.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

constexpr int kHeight = 900, kWidth = 1200, kSide = 112;

/// Waves as wide as the parts of a photograph, with noise of -`noise` to `noise` levels on each pixel.
Image waves(int noise) {
  Random random(9);
  Image image{kHeight, kWidth, {}};
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      for (int channel = 0; channel < 3; ++channel) {
        const double level = 128 + 60 * std::sin(x / (31.0 + channel)) + 50 * std::cos((y + x) / 47.0);
        const int value = static_cast<int>(level) + random.below(2 * noise + 1) - noise;
        image.rgb.push_back(static_cast<std::uint8_t>(std::clamp(value, 0, 255)));
      }
  return image;
}

Image view_of(ImageReader& reader, const Resampling& wanted) {
  Resampler resampler;
  const Box source = resampler.start(wanted);
  reader.read(source, resampler);
  Image view{kSide, kSide, std::vector<std::uint8_t>(std::size_t{kSide} * kSide * 3)};
  for (int y = 0; y < kSide; ++y) resampler.row(y, view.rgb.data() + static_cast<std::size_t>(y) * kSide * 3);
  return view;
}

struct Difference {
  double sum = 0;
  int count = 0, largest = 0;
  double mean() const { return sum / count; }
  void add(const Image& a, const Image& b) {
    for (std::size_t i = 0; i < a.rgb.size(); ++i, ++count) {
      const int levels = std::abs(a.rgb[i] - b.rgb[i]);
      sum += levels;
      largest = std::max(largest, levels);
    }
  }
};

/// Drawn crops of the picture as a JPEG, decoded exactly and reduced.
Difference compare(const Image& picture, int* reductions) {
  const std::vector<std::byte> file = make_jpeg(picture, Chroma::quarter);
  Difference found;
  for (std::uint32_t sample = 0; sample < 40; ++sample) {
    const CropAndFlip drawn = draw_crop({kHeight, kWidth}, 1, 0, sample);
    const Resampling wanted = train_view(drawn, kSide);
    ImageReader exact, scaled;
    exact.open(file, "exact");
    scaled.open(file, "scaled");
    const int reduction = scaled.reduce(reduction_for(drawn.box, kSide));
    ++reductions[reduction];
    if (reduction > 1)
      found.add(view_of(exact, wanted), view_of(scaled, reduced(wanted, reduction, scaled.size())));
  }
  return found;
}

}  // namespace

TEST_CASE("scaled decoding gives nearly the exact views, of smooth and of noisy pictures", "[data]") {
  for (const int noise : {0, 40}) {
    int reductions[9] = {};
    const Difference found = compare(waves(noise), reductions);
    WARN("noise of " << noise << " levels: mean difference " << found.mean() << " levels, largest "
                     << found.largest << "; " << reductions[2] << " crops at 1/2, " << reductions[4]
                     << " at 1/4");
    CHECK(reductions[2] > 5);
    CHECK(reductions[4] > 5);
    CHECK(found.mean() > 0);  // other pixels, or nothing was reduced
    CHECK(found.mean() < (noise == 0 ? 2 : 6));
    CHECK(found.largest < (noise == 0 ? 24 : 64));
  }
}

TEST_CASE("a crop of an evenly coloured picture keeps its colour when it is decoded reduced", "[data]") {
  const Image even{kHeight, kWidth, std::vector<std::uint8_t>(std::size_t{kHeight} * kWidth * 3, 200)};
  int reductions[9] = {};
  CHECK(compare(even, reductions).largest <= 1);
}
