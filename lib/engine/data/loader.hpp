// Batches for the step: files are read, decoded, augmented and normalised by native threads ahead of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "image/folder.hpp"

namespace amltrain::engine {

/// A batch in memory; no torch type, so that the pipeline is tested without torch.
struct Batch {
  int count = 0;                       // images; the last batch may be smaller
  int image_size = 0;                  // side, pixels
  std::vector<float> images;           // count x image_size x image_size x 3
  std::vector<std::int64_t> labels;    // count
  std::vector<std::uint32_t> samples;  // index into the split
};

struct LoaderOptions {
  int batch_size = 4;
  int threads = 4;           // 0: in the calling thread
  int prefetch_batches = 4;  // bound of batches in memory ahead of the step
  int image_size = 224, resize_size = 256;
  std::uint64_t seed = 42;
  bool skip_unreadable = false;
  /// Pixels kept from one epoch to the next: of training images decoded whole, of validation images the view.
  /// An image that has no room is kept as its file, if that has. It changes no batch.
  std::uint64_t cache_bytes = 0;
  bool scaled_decode = false;  // training JPEGs: at 1/2, 1/4 or 1/8 where the crop then is still large enough
  bool give_way = false;       // the threads run at a lower priority than the step
};

enum class View { train, validation };

class Loader {
 public:
  /// `split` must outlive the loader. Train visits epoch_order(seed, epoch), validation the folder's order.
  Loader(const ImageFolder& folder, const Split& split, View view, LoaderOptions options);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// Starts epoch `epoch` (0-based) at the batch `first_batch` of its order; what an earlier one still had
  /// under way is dropped. A batch is the same wherever the epoch was started.
  /// `image_size`: of a View::train loader's images in this epoch; 0: as in the options.
  void start_epoch(int epoch, int first_batch = 0, int image_size = 0);
  /// The next batch in order, or nullptr at the epoch's end; valid until the next call. Batches are reused.
  /// Throws Error{bad_input} (or not_found) naming the file that can't be read, and again when called again,
  /// unless skip_unreadable. What isn't the file's fault (memory, descriptors) is thrown in any case.
  const Batch* next();
  /// Number of the batch that next() looks at next: the `first_batch` that goes on after the last one given.
  int next_batch() const;
  /// Batches an epoch has when every file is readable.
  int batches() const;
  /// Files skipped so far, each once: path and problem.
  std::vector<UnreadableFile> skipped() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace amltrain::engine
