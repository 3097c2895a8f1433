#include "engine/data/image_cache.hpp"

#include <utility>

namespace amltrain::engine {

ImageCache::Reservation::Reservation(ImageCache& cache, std::uint64_t bytes) : cache_(cache), bytes_(bytes) {
  const std::lock_guard lock(cache_.mutex_);
  if (bytes_ > cache_.budget_ - cache_.used_) bytes_ = 0;
  cache_.used_ += bytes_;
}

ImageCache::Reservation::~Reservation() {
  const std::lock_guard lock(cache_.mutex_);
  cache_.used_ -= bytes_;
}

ImageCache::ImageCache(std::size_t samples, std::uint64_t budget_bytes)
    : budget_(budget_bytes), kept_(budget_bytes == 0 ? 0 : samples) {}

const Image* ImageCache::image(std::size_t sample) const {
  const std::lock_guard lock(mutex_);
  return kept_.empty() ? nullptr : kept_.at(sample).image.get();
}

std::span<const std::byte> ImageCache::file(std::size_t sample) const {
  const std::lock_guard lock(mutex_);
  return kept_.empty() ? std::span<const std::byte>() : std::span(kept_.at(sample).file);
}

const Image* ImageCache::put(std::size_t sample, Image image, Reservation& reservation) {
  auto kept = std::make_unique<const Image>(std::move(image));
  const std::lock_guard lock(mutex_);
  kept_.at(sample).image = std::move(kept);
  reservation.use();
  return kept_[sample].image.get();
}

void ImageCache::keep_file(std::size_t sample, std::span<const std::byte> bytes) {
  Reservation reservation(*this, bytes.size());
  if (!reservation.granted()) return;
  std::vector<std::byte> copy(bytes.begin(), bytes.end());
  const std::lock_guard lock(mutex_);
  kept_.at(sample).file = std::move(copy);
  reservation.use();
}

std::uint64_t ImageCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

}  // namespace amltrain::engine
