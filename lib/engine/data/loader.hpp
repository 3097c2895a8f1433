// Batches for the step: files are read, decoded, augmented and normalised by native threads ahead of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/data/batch_share.hpp"
#include "engine/data/batches.hpp"
#include "image/folder.hpp"

namespace amltrain::engine {

struct LoaderOptions {
  int batch_size = 4;
  int threads = 4;           // 0: in the calling thread
  int prefetch_batches = 4;  // bound of batches in memory ahead of the step
  int image_size = 224, resize_size = 256;
  std::uint64_t seed = 42;
  bool skip_unreadable = false;
  bool augment = true;  // of training images; false: they are seen as validation images are
  /// Batches are counted among the rank's own. Only the last of all can be smaller than the others.
  BatchShare share{};
  int draws = 0;  // augmentations an image has, which the epochs use in turn; 0: a new one each epoch
  /// Pixels kept from one epoch to the next: of training images decoded whole, of validation images the view.
  /// An image that has no room is kept as its file, if that has. It changes no batch.
  std::uint64_t cache_bytes = 0;
  bool scaled_decode = false;  // training JPEGs: at 1/2, 1/4 or 1/8 where the crop then is still large enough
  bool give_way = false;       // the threads run at a lower priority than the step
};

enum class View { train, validation };

/// The order of samples in an epoch, into `order`, which has their number: a training view's epoch_order(),
/// and for validation that of the folder.
void visiting_order(View view, std::uint64_t seed, int epoch, std::span<std::uint32_t> order);

class Loader final : public Batches {
 public:
  /// `split` must outlive the loader. Train visits epoch_order(seed, epoch), validation the folder's order.
  Loader(const ImageFolder& folder, const Split& split, View view, LoaderOptions options);
  ~Loader() override;

  void start_epoch(int epoch, int first_batch = 0, int image_size = 0) override;
  /// What isn't the file's fault (memory, descriptors) is thrown in any case.
  const Batch* next() override;
  int next_batch() const override;
  int batches() const override;
  /// Files skipped so far, each once: path and problem.
  std::vector<UnreadableFile> skipped() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace amltrain::engine
