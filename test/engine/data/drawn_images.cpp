#include "engine/data/drawn_images.hpp"

#include <algorithm>
#include <filesystem>

#include "image/pictures.hpp"

namespace amltrain::test {
namespace {

void put(const std::filesystem::path& file, const std::vector<std::byte>& bytes) {
  std::filesystem::create_directories(file.parent_path());
  write_plain(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

DrawnImages::DrawnImages(Formats formats) {
  for (int i = 0; i < count; ++i) {
    const Image picture = draw_picture(40 + i, 90 - 2 * i, static_cast<std::uint32_t>(i));
    const std::string name = std::string(i % 3 == 0 ? "a/" : "b/") + static_cast<char>('a' + i);
    const bool png = i % 5 == 0 && formats == Formats::all;
    for (const char* split : {"train/", "val/"})
      put(folder_ / (split + name + (png ? ".png" : ".jpg")),
          png ? make_png(picture) : make_jpeg(picture, Chroma::quarter));
  }
}

engine::LoaderOptions small_views(int threads) {
  engine::LoaderOptions chosen;
  chosen.threads = threads;
  chosen.image_size = 32;
  chosen.resize_size = 40;
  return chosen;
}

std::vector<engine::Batch> all_batches(engine::Loader& loader, int epoch) {
  loader.start_epoch(epoch);
  std::vector<engine::Batch> batches;
  while (const engine::Batch* batch = loader.next()) batches.push_back(*batch);
  return batches;
}

bool equal(const std::vector<engine::Batch>& a, const std::vector<engine::Batch>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const engine::Batch& x, const engine::Batch& y) {
        return x.count == y.count && x.images == y.images && x.labels == y.labels && x.samples == y.samples;
      });
}

}  // namespace amltrain::test
