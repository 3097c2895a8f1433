// What is wrong with an image folder, before anybody trains on it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dataset/duplicates.hpp"
#include "image/folder.hpp"

namespace amltrain {

/// Bits of 63 that copies may differ in. See docs/contract.md for what was measured.
inline constexpr int kNearDistance = 8;
/// A largest class of more than this many times the smallest gets a warning.
inline constexpr double kMostImbalance = 3;

struct CheckOptions {
  int threads = 0;  // 0: one a core
  int near_distance = kNearDistance;
  int image_size = 224;  // side of the crop that is trained on, pixels
};

struct SideRange {
  int least = 0, median = 0, most = 0;  // pixels
};

struct ClassCount {
  std::string name;
  std::size_t images = 0;  // to train
};

/// schema amltrain.data-check/1
struct DataCheck {
  std::string folder;
  json summary;  // summarise()
  CheckOptions options;
  std::vector<UnreadableFile> unreadable;
  std::vector<CopyGroup> copies;
  ClassCount largest, smallest;
  SideRange width, height;         // of readable files
  std::vector<std::string> small;  // files with a side shorter than the crop
  std::vector<std::string> ignored;

  double imbalance() const {
    return static_cast<double>(largest.images) / static_cast<double>(smallest.images);
  }
  std::size_t leaks() const;            // groups
  std::size_t label_conflicts() const;  // groups
  /// No unreadable file, no leak and no label conflict: what a result of training can be trusted with.
  bool ok() const { return unreadable.empty() && leaks() == 0 && label_conflicts() == 0; }
};
void to_json(json& out, const DataCheck& check);

/// Reads and decodes every file once, on options.threads threads; each holds one decoded image at a time.
/// Throws Error{environment} when the machine is at fault (memory, descriptors, disk), not a file.
DataCheck check_data(const ImageFolder& folder, const CheckOptions& options);

}  // namespace amltrain
