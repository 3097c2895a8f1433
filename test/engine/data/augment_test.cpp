#include "engine/data/augment.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <numeric>
#include <set>

#include "engine/data/philox.hpp"
#include "image/pictures.hpp"
#include "image/reference.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

TEST_CASE("Philox4x32-10 gives the published numbers", "[data]") {
  // kat_vectors of Random123, the authors' own library.
  using Words = std::array<std::uint32_t, 4>;
  CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("draws with another seed, epoch, index or purpose are other draws", "[data]") {
  std::set<std::uint32_t> seen;
  const std::uint64_t high = std::uint64_t{1} << 32;
  for (Draw draw : {Draw(1, 2, 3, 4), Draw(0, 2, 3, 4), Draw(1 + high, 2, 3, 4), Draw(1, 1, 3, 4),
                    Draw(1, 2, 0, 4), Draw(1, 2, 3, 0)})
    for (int i = 0; i < 9; ++i) seen.insert(draw.bits());
  CHECK(seen.size() == 54);
  Draw one(1, 2, 3, 4), same(1, 2, 3, 4);
  for (int i = 0; i < 9; ++i) CHECK(one.bits() == same.bits());
}

TEST_CASE("numbers below a limit are as likely as each other", "[data]") {
  Draw draw(9, 0, 0, 0);
  for (const int limit : {1, 2, 7, 100}) {
    std::vector<int> counts(static_cast<std::size_t>(limit));
    for (int i = 0; i < limit * 1000; ++i) ++counts.at(static_cast<std::size_t>(draw.below(limit)));
    double chi_square = 0;
    for (const int count : counts) chi_square += (count - 1000.0) * (count - 1000.0) / 1000.0;
    CAPTURE(limit);
    CHECK(chi_square <= limit - 1 + 4 * std::sqrt(2.0 * (limit - 1)));  // mean + 4 deviations
  }
}

TEST_CASE("uniform numbers fill the unit interval evenly, without its upper end", "[data]") {
  Draw draw(10, 0, 0, 0);
  std::vector<int> tenths(10);
  for (int i = 0; i < 10000; ++i) ++tenths.at(static_cast<std::size_t>(draw.uniform() * 10));
  CHECK(*std::min_element(tenths.begin(), tenths.end()) > 880);
  CHECK(*std::max_element(tenths.begin(), tenths.end()) < 1120);
}

TEST_CASE("an epoch visits every sample once, in an order of its own", "[data]") {
  const auto first = epoch_order(42, 0, 100), second = epoch_order(42, 1, 100);
  for (const auto& order : {first, second}) {
    auto sorted = order;
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::uint32_t> all(100);
    std::iota(all.begin(), all.end(), 0U);
    CHECK(sorted == all);
  }
  CHECK(first != second);
  CHECK(first != epoch_order(43, 0, 100));
  CHECK(first == epoch_order(42, 0, 100));
  CHECK(epoch_order(42, 0, 0).empty());
}

TEST_CASE("each sample comes to each place about as often", "[data]") {
  std::vector<int> counts(25);
  for (int epoch = 0; epoch < 5000; ++epoch) {
    const auto order = epoch_order(1, epoch, 5);
    for (std::size_t place = 0; place < 5; ++place) ++counts[place * 5 + order[place]];
  }
  CHECK(*std::min_element(counts.begin(), counts.end()) > 880);
  CHECK(*std::max_element(counts.begin(), counts.end()) < 1120);
}

TEST_CASE("half of the images are mirrored", "[data]") {
  int mirrored = 0;
  for (std::uint32_t index = 0; index < 2000; ++index) mirrored += draw_crop({30, 40}, 3, 0, index).flip;
  CHECK(mirrored > 900);
  CHECK(mirrored < 1100);
}

namespace {

/// Kolmogorov-Smirnov distance: the largest difference of two samples' distribution functions.
double distance(std::vector<double> a, std::vector<double> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  double largest = 0;
  for (const double x : a) {
    const auto share = [&](const std::vector<double>& v) {
      return static_cast<double>(std::upper_bound(v.begin(), v.end(), x) - v.begin()) /
             static_cast<double>(v.size());
    };
    largest = std::max(largest, std::abs(share(a) - share(b)));
  }
  return largest;
}

}  // namespace

TEST_CASE("crops are drawn as torchvision's RandomResizedCrop draws them", "[data][reference]") {
  if (!have_reference()) return;
  const TemporaryFolder folder;
  for (const json& entry : run_reference("image_crops.py", folder.path())) {
    const ImageSize size{entry.at("height"), entry.at("width")};
    CAPTURE(size.height, size.width);
    const auto theirs = entry.at("crops").get<std::vector<std::array<int, 4>>>();
    std::vector<std::array<int, 4>> ours;
    for (std::uint32_t i = 0; i < theirs.size(); ++i) {
      const Box box = draw_crop(size, 5, 0, i).box;
      ours.push_back({box.left, box.top, box.width, box.height});
    }
    if (theirs.size() < 100) {  // too narrow for any draw: the one central crop
      CHECK(ours == theirs);
      continue;
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const auto column = [&](const auto& crops) {
        std::vector<double> values;
        for (const auto& crop : crops) values.push_back(crop[i]);
        return values;
      };
      CHECK(distance(column(ours), column(theirs)) < 0.031);  // 0.1 % critical value of two times 8000
    }
  }
}

namespace {

/// The bytes of torchvision's order: channel after channel.
std::string planar(const std::vector<float>& pixels) {
  std::vector<float> planes;
  for (std::size_t channel = 0; channel < 3; ++channel)
    for (std::size_t i = channel; i < pixels.size(); i += 3) planes.push_back(pixels[i]);
  return {reinterpret_cast<const char*>(planes.data()), planes.size() * sizeof(float)};
}

}  // namespace

TEST_CASE("the validation view and its floats are torchvision's, bit for bit", "[data][reference]") {
  if (!have_reference()) return;
  const TemporaryFolder folder;
  const json manifest = run_reference("image_resize.py", folder.path());
  for (const json& entry : manifest.at("views")) {
    INFO(entry.dump());
    const Image image = decode_file(entry.at("file").get<std::string>());
    const Image view = validation_view(image, entry.at("resize"), entry.at("crop"));
    CHECK(largest_difference(view, expected_image(entry)) == 0);
    for (const bool mirrored : {false, true}) {
      std::vector<float> floats(view.rgb.size());
      normalise(mirrored ? mirror(view).rgb : view.rgb, floats);
      const std::string theirs = read_plain(entry.at(mirrored ? "mirrored" : "floats").get<std::string>());
      CHECK(theirs == planar(floats));
    }
  }
}

TEST_CASE("the quick normalisation gives the bits of the plain one for every byte and channel", "[data]") {
  for (const std::size_t pixels : {1U, 7U, 8U, 9U, 256U}) {
    std::vector<std::uint8_t> rgb;
    for (std::size_t i = 0; i < pixels; ++i)
      for (int channel = 0; channel < 3; ++channel) rgb.push_back(static_cast<std::uint8_t>(i));
    std::vector<float> quick(rgb.size()), plain(rgb.size());
    normalise(rgb, quick);
    normalise_plain(rgb, plain);
    CAPTURE(pixels);
    CHECK(std::memcmp(quick.data(), plain.data(), plain.size() * sizeof(float)) == 0);
  }
  std::vector<float> floats(5);
  CHECK(error_of([&] { normalise(std::vector<std::uint8_t>(6), floats); }).kind() == category::internal);
}

TEST_CASE("a JPEG is reduced only as far as the crop stays large enough", "[data]") {
  CHECK(reduction_for({3, 5, 447, 900}, 224) == 1);
  CHECK(reduction_for({3, 5, 448, 900}, 224) == 2);
  CHECK(reduction_for({3, 5, 900, 896}, 224) == 4);
  CHECK(reduction_for({3, 5, 1791, 4000}, 224) == 4);
  CHECK(reduction_for({3, 5, 1792, 4000}, 224) == 8);
  CHECK(reduction_for({3, 5, 9999, 9999}, 224) == 8);
}

TEST_CASE("of a reduced JPEG the pixels around the drawn crop are taken", "[data]") {
  const Resampling wanted = train_view({{5, 9, 451, 450}, true}, 224);
  const Resampling smaller = reduced(wanted, 2, {230, 228});  // of 460 x 455 pixels
  CHECK(smaller.box.left == 2);
  CHECK(smaller.left == 0.5);
  CHECK(smaller.width == 225.5);
  CHECK(smaller.box.width == 226);  // to the end, 228
  CHECK(smaller.box.top == 4);
  CHECK(smaller.top == 0.5);
  CHECK(smaller.height == 225);
  CHECK(smaller.box.height == 226);  // 4 to 230
  CHECK(smaller.mirrored);
}
