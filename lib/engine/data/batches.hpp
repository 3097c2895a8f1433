// Batches for the step, wherever they come from. No torch.
#pragma once

#include <cstdint>
#include <vector>

namespace amltrain::engine {

/// A batch in memory; no torch type, so that the pipeline is tested without torch.
struct Batch {
  int count = 0;                       // images; the last batch may be smaller
  int features = 0;                    // 0: `images` holds images; else what fc is given, count x features
  int image_size = 0;                  // side, pixels
  std::vector<float> images;           // count x image_size x image_size x 3
  std::vector<std::int64_t> labels;    // count
  std::vector<std::uint32_t> samples;  // index into the split
};

class Batches {
 public:
  Batches() = default;
  virtual ~Batches() = default;
  Batches(const Batches&) = delete;
  Batches& operator=(const Batches&) = delete;

  /// Starts epoch `epoch` (0-based) at the batch `first_batch` of its order; what an earlier one still had
  /// under way is dropped. A batch is the same wherever the epoch was started.
  /// `image_size`: of training images in this epoch, pixels; 0: as usual.
  virtual void start_epoch(int epoch, int first_batch = 0, int image_size = 0) = 0;
  /// The next batch in order, or nullptr at the epoch's end; valid until the next call. Batches are reused.
  /// Throws Error{bad_input} (or not_found) naming the file that can't be read, and again when called again,
  /// unless such files are to be skipped.
  virtual const Batch* next() = 0;
  /// Number of the batch that next() looks at next: the `first_batch` that goes on after the last one given.
  virtual int next_batch() const = 0;
  /// Batches an epoch has when every file is readable.
  virtual int batches() const = 0;
};

}  // namespace amltrain::engine
