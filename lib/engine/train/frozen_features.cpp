#include "engine/train/frozen_features.hpp"

#include <algorithm>

#include "engine/torch.hpp"
#include "engine/train/step.hpp"

namespace amltrain::engine {

void FrozenBackbone::compute(const Batch& images, Batch& into) {
  if (!network_) network_.emplace(model_, compute_, image_size_, batch_);
  const at::Tensor features = network_->features(images_of(images, kHostImages)).cpu();
  const float* const data = features.const_data_ptr<float>();
  into.count = images.count;
  into.features = width();
  into.images.assign(data, data + features.numel());
  into.labels = images.labels;
  into.samples = images.samples;
}

FrozenFeatures::FrozenFeatures(Loader& images, FrozenBackbone& backbone, const Split& split, View view,
                               const LoaderOptions& options, int keep)
    : images_(images),
      backbone_(backbone),
      split_(split),
      view_(view),
      options_(options),
      draws_(static_cast<std::size_t>(keep)) {}

void FrozenFeatures::start_epoch(int epoch, int first_batch, int /*image_size*/) {
  draw_ = draws_.empty() ? nullptr : &draws_[static_cast<std::size_t>(epoch) % draws_.size()];
  kept_ = draw_ && draw_->whole;
  from_begin_ = first_batch == 0;
  if (!kept_) {
    images_.start_epoch(epoch, first_batch);
    return;
  }
  order_.resize(split_.samples.size());
  visiting_order(view_, options_.seed, epoch, order_);
  position_ = std::min(first_batch, batches());
}

const Batch* FrozenFeatures::next() { return kept_ ? next_kept() : next_computed(); }

int FrozenFeatures::next_batch() const { return kept_ ? position_ : images_.next_batch(); }

const Batch* FrozenFeatures::next_computed() {
  const Batch* images = images_.next();
  if (!images) {
    if (draw_) draw_->whole = from_begin_;
    return nullptr;
  }
  backbone_.compute(*images, batch_);
  if (draw_) keep(batch_);
  return &batch_;
}

void FrozenFeatures::keep(const Batch& batch) {
  const auto width = static_cast<std::size_t>(batch.features);
  draw_->features.resize(split_.samples.size() * width);
  draw_->known.resize(split_.samples.size());
  for (std::size_t i = 0; i < batch.samples.size(); ++i) {
    std::copy_n(batch.images.begin() + static_cast<std::ptrdiff_t>(i * width), width,
                draw_->features.begin() + static_cast<std::ptrdiff_t>(batch.samples[i] * width));
    draw_->known[batch.samples[i]] = true;
  }
}

const Batch* FrozenFeatures::next_kept() {
  const auto width = static_cast<std::size_t>(backbone_.width());
  const auto size = static_cast<std::size_t>(options_.batch_size);
  batch_.samples.clear();
  while (batch_.samples.empty() && position_ < batches()) {
    const std::size_t first = static_cast<std::size_t>(position_++) * size;
    const auto from = order_.begin() + static_cast<std::ptrdiff_t>(first);
    std::copy_if(from, from + static_cast<std::ptrdiff_t>(std::min(size, order_.size() - first)),
                 std::back_inserter(batch_.samples),
                 [&](std::uint32_t sample) { return draw_->known[sample]; });
  }
  if (batch_.samples.empty()) return nullptr;
  batch_.count = static_cast<int>(batch_.samples.size());
  batch_.features = backbone_.width();
  batch_.images.resize(batch_.samples.size() * width);
  batch_.labels.resize(batch_.samples.size());
  for (std::size_t i = 0; i < batch_.samples.size(); ++i) {
    const std::uint32_t sample = batch_.samples[i];
    std::copy_n(draw_->features.begin() + static_cast<std::ptrdiff_t>(sample * width), width,
                batch_.images.begin() + static_cast<std::ptrdiff_t>(i * width));
    batch_.labels[i] = split_.samples[sample].label;
  }
  return &batch_;
}

}  // namespace amltrain::engine
