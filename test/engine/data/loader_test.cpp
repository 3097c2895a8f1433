#include "engine/data/loader.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "engine/data/augment.hpp"
#include "engine/data/drawn_images.hpp"
#include "image/reference.hpp"
#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

std::vector<std::uint32_t> visited(const std::vector<Batch>& batches) {
  std::vector<std::uint32_t> samples;
  for (const Batch& batch : batches)
    samples.insert(samples.end(), batch.samples.begin(), batch.samples.end());
  return samples;
}

}  // namespace

TEST_CASE("any number of threads and any prefetch gives the same batches", "[data]") {
  const DrawnImages data;
  const ImageFolder folder = data.scan();
  for (const View view : {View::train, View::validation}) {
    const Split& split = view == View::train ? folder.train : folder.val;
    Loader alone(folder, split, view, small_views(0));
    const std::vector<Batch> expected[] = {all_batches(alone, 0), all_batches(alone, 1)};
    CHECK(equal(expected[0], expected[1]) == (view == View::validation));
    for (const int threads : {1, 2, 7})
      for (const int prefetch : {1, 3, 100}) {
        LoaderOptions chosen = small_views(threads);
        chosen.prefetch_batches = prefetch;
        Loader loader(folder, split, view, chosen);
        CAPTURE(threads, prefetch);
        for (const int epoch : {0, 1, 0}) CHECK(equal(all_batches(loader, epoch), expected[epoch]));
      }
  }
}

TEST_CASE("an epoch gives every sample once with its label, the last batch smaller", "[data]") {
  const DrawnImages data;
  const ImageFolder folder = data.scan();
  Loader loader(folder, folder.train, View::train, small_views(3));
  const auto batches = all_batches(loader, 4);
  REQUIRE(loader.batches() == 6);
  REQUIRE(batches.size() == 6);
  CHECK(batches.back().count == 3);
  CHECK(visited(batches) == epoch_order(42, 4, DrawnImages::count));
  for (const Batch& batch : batches) {
    const auto count = static_cast<std::size_t>(batch.count);
    CHECK(batch.images.size() == count * 32 * 32 * 3);
    REQUIRE(batch.samples.size() == count);
    REQUIRE(batch.labels.size() == count);
    for (std::size_t i = 0; i < count; ++i)
      CHECK(batch.labels[i] == folder.train.samples[batch.samples[i]].label);
  }
}

TEST_CASE("images are those of the transforms, called one by one", "[data]") {
  const DrawnImages data;
  const ImageFolder folder = data.scan();
  Loader train(folder, folder.train, View::train, small_views(2));
  Loader validation(folder, folder.val, View::validation, small_views(2));
  for (Loader* loader : {&train, &validation}) {
    const Split& split = loader == &train ? folder.train : folder.val;
    for (const Batch& batch : all_batches(*loader, 3)) {
      for (std::size_t i = 0; i < batch.samples.size(); ++i) {
        const Image whole = decode_file(folder.root / split.samples[batch.samples[i]].path);
        CropAndFlip drawn;
        Image view = validation_view(whole, 40, 32);
        if (loader == &train) {
          drawn = draw_crop({whole.height, whole.width}, 42, 3, batch.samples[i]);
          view = resize(whole, drawn.box, {32, 32});
        }
        std::vector<float> expected(3 * 32 * 32);
        normalise(view.rgb, expected);
        const auto pixel = [&](std::size_t row, std::size_t column) {
          return batch.images.data() + i * expected.size() + (row * 32 + column) * 3;
        };
        for (std::size_t row = 0; row < 32; ++row)
          for (std::size_t column = 0; column < 32; ++column)
            REQUIRE(std::equal(&expected[(row * 32 + column) * 3], &expected[(row * 32 + column) * 3] + 3,
                               pixel(row, drawn.flip ? 31 - column : column)));
      }
    }
  }
}

TEST_CASE("validation visits the folder's order in every epoch", "[data]") {
  const DrawnImages data;
  const ImageFolder folder = data.scan();
  Loader loader(folder, folder.val, View::validation, small_views(2));
  const auto samples = visited(all_batches(loader, 7));
  CHECK(samples.size() == DrawnImages::count);
  CHECK(std::is_sorted(samples.begin(), samples.end()));
}

TEST_CASE("an epoch can be left for another, or for the end, at any batch", "[data]") {
  const DrawnImages data;
  const ImageFolder folder = data.scan();
  Loader alone(folder, folder.train, View::train, small_views(0));
  const auto expected = all_batches(alone, 9);
  for (int taken = 0; taken < 6; ++taken) {
    Loader loader(folder, folder.train, View::train, small_views(3));
    CHECK(loader.next() == nullptr);  // no epoch yet
    loader.start_epoch(8);
    for (int i = 0; i < taken; ++i) CHECK(loader.next() != nullptr);
    CHECK(equal(all_batches(loader, 9), expected));
    CHECK(loader.next() == nullptr);
    loader.start_epoch(10);
  }
}

TEST_CASE("batches are reused: an epoch's come from prefetch + 1 places in memory", "[data]") {
  const DrawnImages data;
  const ImageFolder folder = data.scan();
  LoaderOptions chosen = small_views(2);
  chosen.prefetch_batches = 2;
  Loader loader(folder, folder.train, View::train, chosen);
  std::vector<const float*> places;
  for (const int epoch : {0, 1}) {
    loader.start_epoch(epoch);
    while (const Batch* batch = loader.next()) places.push_back(batch->images.data());
  }
  CHECK(places.size() == 12);
  std::sort(places.begin(), places.end());
  CHECK(std::unique(places.begin(), places.end()) - places.begin() == 3);
}

TEST_CASE("a file that can't be read ends the epoch with its name, at its place", "[data]") {
  DrawnImages data;
  const ImageFolder folder = data.scan();
  const std::string bad = folder.val.samples[9].path;
  data.damage(bad);
  for (const int threads : {0, 1, 4}) {
    Loader loader(folder, folder.val, View::validation, small_views(threads));
    loader.start_epoch(0);
    CHECK(loader.next()->count == 4);
    CHECK(loader.next()->count == 4);
    for (int again = 0; again < 2; ++again) {
      const Error problem = error_of([&] { loader.next(); });
      CHECK(problem.kind() == category::bad_input);
      CHECK(contains(problem.what(), bad));
    }
  }
}

TEST_CASE("skipped files leave their batches smaller and are listed once", "[data]") {
  DrawnImages data;
  const ImageFolder folder = data.scan();
  for (const std::size_t index : {4U, 5U, 6U, 7U, 9U, 22U}) data.damage(folder.val.samples[index].path);
  std::filesystem::remove(folder.root / folder.val.samples[12].path);
  std::vector<Batch> expected;
  for (const int threads : {0, 1, 4}) {
    LoaderOptions chosen = small_views(threads);
    chosen.skip_unreadable = true;
    Loader loader(folder, folder.val, View::validation, chosen);
    all_batches(loader, 0);
    const auto batches = all_batches(loader, 1);
    CHECK(visited(batches) ==
          std::vector<std::uint32_t>{0, 1, 2, 3, 8, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21});
    REQUIRE(batches.size() == 5);  // the second batch of six is empty and left out
    CHECK(batches[1].count == 3);
    CHECK(batches[1].images.size() == 3 * 3 * 32 * 32);
    REQUIRE(loader.skipped().size() == 7);
    CHECK(loader.skipped()[0].path == folder.val.samples[4].path);
    CHECK(contains(loader.skipped()[0].problem, "not a JPEG, PNG or WebP image"));
    if (threads == 0) expected = batches;
    CHECK(equal(batches, expected));
  }
}

TEST_CASE("options that make no batch are refused", "[data]") {
  const DrawnImages data;
  const ImageFolder folder = data.scan();
  LoaderOptions chosen = small_views(1);
  chosen.batch_size = 0;
  CHECK(error_of([&] { Loader(folder, folder.train, View::train, chosen); }).kind() == category::bad_input);
}

TEST_CASE("without augmentation training images are validation images in another order", "[data]") {
  const DrawnImages data;
  const ImageFolder folder = data.scan();
  LoaderOptions chosen = small_views(2);
  chosen.batch_size = 1;
  Loader val(folder, folder.val, View::validation, chosen);
  const std::vector<Batch> views = all_batches(val, 0);
  chosen.augment = false;
  Loader train(folder, folder.train, View::train, chosen);
  for (const int epoch : {0, 1}) {
    const std::vector<Batch> batches = all_batches(train, epoch);
    CHECK(visited(batches) == epoch_order(chosen.seed, epoch, static_cast<std::uint32_t>(views.size())));
    for (const Batch& batch : batches) CHECK(batch.images == views.at(batch.samples[0]).images);
  }
}

TEST_CASE("threads that give way run at a lower priority than the one that computes", "[data]") {
  const DrawnImages data;
  const ImageFolder folder = data.scan();
  LoaderOptions chosen = small_views(1);
  const int own = getpriority(PRIO_PROCESS, 0);
  const auto lowest = [own] {
    int nice = own;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task"))
      nice = std::max(nice, getpriority(PRIO_PROCESS, static_cast<id_t>(std::stoi(task.path().filename()))));
    return nice;
  };
  for (const bool gives_way : {false, true}) {
    chosen.give_way = gives_way;
    Loader loader(folder, folder.train, View::train, chosen);
    all_batches(loader, 0);
    CHECK((lowest() > own) == (gives_way && own < 19));
  }
}

TEST_CASE("an epoch has the image size that it was started with, the next one its own", "[data]") {
  const DrawnImages data;
  const ImageFolder folder = data.scan();
  const int threads = GENERATE(0, 3);
  LoaderOptions chosen = small_views(threads), small = chosen;
  small.image_size = 20;
  Loader usual(folder, folder.train, View::train, chosen), smaller(folder, folder.train, View::train, small);
  const auto batches_of = [](Loader& loader, int image_size) {
    loader.start_epoch(2, 1, image_size);
    std::vector<Batch> batches;
    while (const Batch* batch = loader.next()) batches.push_back(*batch);
    return batches;
  };
  const std::vector<Batch> expected = batches_of(usual, 0);
  CHECK(equal(batches_of(usual, 20), batches_of(smaller, 0)));
  CHECK(equal(batches_of(usual, 0), expected));
  CHECK(expected.front().image_size == 32);
}
