// Samples kept in memory from one epoch to the next, within a budget.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "image/image.hpp"

namespace amltrain::engine {

/// What comes first is kept until the budget is spent, and nothing is given up again: what it returns stays
/// valid as long as the cache. Safe from any number of threads, as long as no two work on the same sample.
class ImageCache {
 public:
  /// For samples 0 to `samples` - 1; a budget of 0 keeps nothing.
  ImageCache(std::size_t samples, std::uint64_t budget_bytes);

  /// What is kept of a sample: nullptr and empty when it isn't.
  const Image* image(std::size_t sample) const;
  std::span<const std::byte> file(std::size_t sample) const;

  /// Keeps the picture that `make` returns, of `size`, and returns it; when the budget has no room for it,
  /// returns nullptr without calling. What `make` throws goes through, and nothing is kept.
  template <typename Make>
  const Image* keep_image(std::size_t sample, ImageSize size, Make make) {
    Reservation reservation(*this, bytes_of(size));
    if (!reservation.granted()) return nullptr;
    return put(sample, make(), reservation);
  }
  /// Keeps a copy of an encoded file if the budget has room for it.
  void keep_file(std::size_t sample, std::span<const std::byte> bytes);

  std::uint64_t bytes() const;  // kept, or about to be

 private:
  /// Bytes of the budget, given back unless what they are for was kept.
  class Reservation {
   public:
    Reservation(ImageCache& cache, std::uint64_t bytes);
    ~Reservation();
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;
    bool granted() const { return bytes_ > 0; }
    void use() { bytes_ = 0; }

   private:
    ImageCache& cache_;
    std::uint64_t bytes_;
  };
  struct Kept {
    std::unique_ptr<const Image> image;
    std::vector<std::byte> file;
  };

  static std::uint64_t bytes_of(ImageSize size) {
    return std::uint64_t{3} * static_cast<std::uint64_t>(size.height) *
           static_cast<std::uint64_t>(size.width);
  }
  const Image* put(std::size_t sample, Image image, Reservation& reservation);

  const std::uint64_t budget_;
  mutable std::mutex mutex_;  // guards all below
  std::uint64_t used_ = 0;
  std::vector<Kept> kept_;
};

}  // namespace amltrain::engine
