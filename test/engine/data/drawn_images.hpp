// A folder of images for the loader's tests, and what it makes of them.
#pragma once

#include <string>
#include <vector>

#include "engine/data/loader.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain::test {

/// Two classes of small JPEGs and PNGs of many sizes, the same in train and val.
class DrawnImages {
 public:
  static constexpr int count = 23;  // in each split

  enum class Formats { all, jpeg };
  explicit DrawnImages(Formats formats = Formats::all);
  ImageFolder scan() const { return scan_image_folder(folder_.path()); }
  void damage(const std::string& file) { write_plain(folder_ / file, "no image"); }

 private:
  TemporaryFolder folder_;
};

/// Batches of four images of 32 x 32.
engine::LoaderOptions small_views(int threads);

std::vector<engine::Batch> all_batches(engine::Loader& loader, int epoch);
bool equal(const std::vector<engine::Batch>& a, const std::vector<engine::Batch>& b);

}  // namespace amltrain::test
