#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "engine/data/allocations.hpp"
#include "engine/data/drawn_images.hpp"
#include "image/pictures.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

TEST_CASE("batches are the same with any budget of memory, for any number of threads", "[data]") {
  const DrawnImages data;
  const ImageFolder folder = data.scan();
  for (const View view : {View::train, View::validation}) {
    const Split& split = view == View::train ? folder.train : folder.val;
    for (const bool scaled : {false, true}) {
      LoaderOptions plain = small_views(0);
      plain.image_size = 8;  // small enough for reduced decoding
      plain.resize_size = 10;
      plain.scaled_decode = scaled;
      Loader alone(folder, split, view, plain);
      const std::vector<Batch> expected[] = {all_batches(alone, 0), all_batches(alone, 1),
                                             all_batches(alone, 2)};
      for (const int threads : {0, 1, 4})
        for (const std::uint64_t budget : {500ULL, 2'000ULL, 40'000ULL, 1ULL << 30}) {
          LoaderOptions chosen = plain;
          chosen.threads = threads;
          chosen.cache_bytes = budget;
          Loader loader(folder, split, view, chosen);
          CAPTURE(scaled, threads, budget);
          for (const int epoch : {0, 1, 2}) CHECK(equal(all_batches(loader, epoch), expected[epoch]));
        }
    }
  }
}

TEST_CASE("what is kept is not read again", "[data]") {
  for (const View view : {View::train, View::validation})
    for (const bool scaled : {false, true}) {
      if (scaled && view == View::validation) continue;
      const DrawnImages data;
      const ImageFolder folder = data.scan();
      const Split& split = view == View::train ? folder.train : folder.val;
      LoaderOptions chosen = small_views(2);
      chosen.scaled_decode = scaled;  // files are kept, not pixels
      Loader alone(folder, split, view, chosen);
      const std::vector<Batch> expected = all_batches(alone, 1);
      chosen.cache_bytes = 1 << 20;
      Loader loader(folder, split, view, chosen);
      all_batches(loader, 0);
      std::filesystem::remove_all(folder.root);
      CHECK(equal(all_batches(loader, 1), expected));
      std::filesystem::create_directories(folder.root);
    }
}

TEST_CASE("a file that can't be read is skipped in every epoch, whatever else is kept", "[data]") {
  DrawnImages data;
  const ImageFolder folder = data.scan();
  data.damage(folder.train.samples[3].path);
  for (const std::uint64_t budget : {0ULL, 20'000ULL, 1ULL << 20}) {
    LoaderOptions chosen = small_views(2);
    chosen.skip_unreadable = true;
    chosen.cache_bytes = budget;
    Loader loader(folder, folder.train, View::train, chosen);
    for (const int epoch : {0, 1}) {
      int images = 0;
      for (const Batch& batch : all_batches(loader, epoch)) images += batch.count;
      CHECK(images == DrawnImages::count - 1);
    }
    REQUIRE(loader.skipped().size() == 1);
    CHECK(loader.skipped()[0].path == folder.train.samples[3].path);
  }
}

TEST_CASE("nothing is allocated from the second epoch on", "[data]") {
  const DrawnImages data(DrawnImages::Formats::jpeg);
  const ImageFolder folder = data.scan();
  for (const View view : {View::train, View::validation})
    for (const std::uint64_t budget : {0ULL, 1ULL << 20})
      for (const int threads : {0, 3}) {
        const Split& split = view == View::train ? folder.train : folder.val;
        LoaderOptions chosen = small_views(threads);
        chosen.cache_bytes = budget;
        Loader loader(folder, split, view, chosen);
        // Each thread's memory has to grow to the largest sample once; which thread meets it is chance.
        const auto epoch = [&](int number) {
          const std::uint64_t before = allocations();
          loader.start_epoch(number);
          while (loader.next() != nullptr) {
          }
          return allocations() - before;
        };
        CHECK(epoch(0) > 0);
        if (threads == 0) {
          epoch(0);
          CHECK(epoch(0) == 0);
          continue;
        }
        int number = 0;
        std::uint64_t found = epoch(0);
        while (found != 0 && ++number < 1000) found = epoch(0);
        CAPTURE(budget, threads);
        CHECK(found == 0);
      }
}
