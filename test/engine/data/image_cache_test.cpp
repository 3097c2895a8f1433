#include "engine/data/image_cache.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <thread>

using namespace amltrain;
using namespace amltrain::engine;

namespace {

Image picture_of(int height, int width, std::uint8_t value = 7) {
  return {height, width, std::vector<std::uint8_t>(static_cast<std::size_t>(height * width) * 3, value)};
}

}  // namespace

TEST_CASE("images are kept until the budget is spent, and stay where they are", "[data]") {
  ImageCache cache(4, 2 * 300 + 299);
  int made = 0;
  const auto make = [&] { return ++made, picture_of(10, 10); };
  const Image* const first = cache.keep_image(0, {10, 10}, make);
  REQUIRE(first != nullptr);
  CHECK(cache.image(0) == first);
  CHECK(cache.image(1) == nullptr);
  CHECK(cache.keep_image(1, {10, 10}, make) != nullptr);
  CHECK(cache.keep_image(2, {10, 10}, make) == nullptr);  // one byte short
  CHECK(made == 2);
  CHECK(cache.bytes() == 600);
  CHECK(cache.keep_image(3, {1, 99}, [] { return picture_of(1, 99); }) != nullptr);  // a smaller one fits
  CHECK(cache.image(0) == first);
  CHECK(first->rgb == picture_of(10, 10).rgb);
}

TEST_CASE("a file is kept as it is, if the budget has room for it", "[data]") {
  ImageCache cache(2, 10);
  const std::vector<std::byte> file(8, std::byte{3}), large(3, std::byte{4});
  cache.keep_file(0, file);
  cache.keep_file(1, large);
  CHECK(std::ranges::equal(cache.file(0), file));
  CHECK(cache.file(1).empty());
  CHECK(cache.bytes() == 8);
}

TEST_CASE("an image that can't be made leaves the budget as it was", "[data]") {
  ImageCache cache(1, 300);
  CHECK_THROWS_AS(cache.keep_image(0, {10, 10}, []() -> Image { throw std::runtime_error("cut"); }),
                  std::runtime_error);
  CHECK(cache.bytes() == 0);
  CHECK(cache.image(0) == nullptr);
  CHECK(cache.keep_image(0, {10, 10}, [] { return picture_of(10, 10); }) != nullptr);
}

TEST_CASE("without a budget nothing is kept", "[data]") {
  ImageCache cache(2, 0);
  CHECK(cache.keep_image(1, {1, 1}, [] { return picture_of(1, 1); }) == nullptr);
  cache.keep_file(1, std::vector<std::byte>(1));
  CHECK(cache.image(1) == nullptr);
  CHECK(cache.file(1).empty());
}

TEST_CASE("threads that fill a cache together never pass the budget", "[data]") {
  constexpr std::size_t kSamples = 400;
  ImageCache cache(kSamples, 150 * 300);
  {
    std::vector<std::jthread> threads;
    for (std::size_t worker = 0; worker < 4; ++worker)
      threads.emplace_back([&, worker] {
        for (std::size_t sample = worker; sample < kSamples; sample += 4)
          if (cache.keep_image(sample, {10, 10}, [&] {
                return picture_of(10, 10, static_cast<std::uint8_t>(sample));
              }) == nullptr)
            cache.keep_file(sample, std::vector<std::byte>(1, std::byte{1}));
      });
  }
  std::uint64_t images = 0;
  for (std::size_t sample = 0; sample < kSamples; ++sample) {
    const Image* const kept = cache.image(sample);
    if (kept == nullptr) continue;
    ++images;
    CHECK(kept->rgb == picture_of(10, 10, static_cast<std::uint8_t>(sample)).rgb);
  }
  CHECK(images == 150);
  CHECK(cache.bytes() == images * 300);
}
