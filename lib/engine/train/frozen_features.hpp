// What a frozen backbone makes of the images, in their place: batches of features for fc, computed once or
// each time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/data/batches.hpp"
#include "engine/data/loader.hpp"
#include "engine/nn/folded.hpp"

namespace amltrain::engine {

/// The backbone with its running statistics, as it is when the first image comes: it may still be loaded
/// until then, and must not change after.
class FrozenBackbone {
 public:
  /// As FoldedNetwork; `model` must outlive it.
  FrozenBackbone(const ResNet& model, at::ScalarType compute, int image_size, int batch)
      : model_(model), compute_(compute), image_size_(image_size), batch_(batch) {}

  int width() const { return model_.spec().features(); }
  /// Puts the features of the batch's images into `into`, with its labels and samples.
  void compute(const Batch& images, Batch& into);

 private:
  const ResNet& model_;
  at::ScalarType compute_;
  int image_size_, batch_;
  std::optional<FoldedNetwork> network_;
};

class FrozenFeatures final : public Batches {
 public:
  /// The images that `images` gives of `split`, in the order that it gives them with these options, each
  /// replaced by its features. `keep`: for how many draws of an image (LoaderOptions::draws, or 1 where
  /// images are not augmented; 0: for none) the features are kept, so that a draw which was seen whole is not
  /// computed again. It changes no batch. All that is referred to must outlive it.
  FrozenFeatures(Loader& images, FrozenBackbone& backbone, const Split& split, View view,
                 const LoaderOptions& options, int keep);

  /// The images have the size that the backbone was made for, whatever `image_size` says.
  void start_epoch(int epoch, int first_batch = 0, int image_size = 0) override;
  const Batch* next() override;
  int next_batch() const override;
  int batches() const override { return images_.batches(); }

 private:
  /// The features of one draw of every image.
  struct Draw {
    std::vector<float> features;  // samples x width
    std::vector<bool> known;      // false: not read yet, or unreadable
    bool whole = false;           // all that can be read is known
  };
  const Batch* next_computed();
  const Batch* next_kept();
  void keep(const Batch& batch);

  Loader& images_;
  FrozenBackbone& backbone_;
  const Split& split_;
  const View view_;
  const LoaderOptions options_;
  std::vector<Draw> draws_;
  Draw* draw_ = nullptr;  // of this epoch; null when none is kept
  bool kept_ = false;     // this epoch's batches come from memory
  bool from_begin_ = false;
  std::vector<std::uint32_t> order_;  // when they do
  int position_ = 0;                  // batch that next_kept() looks at next
  Batch batch_;
};

}  // namespace amltrain::engine
