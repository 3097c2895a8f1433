#include "engine/data/sample_reader.hpp"

#include <algorithm>

#include "engine/data/augment.hpp"
#include "support/files.hpp"

namespace amltrain::engine {
namespace {

/// Memory for one huge image is not kept for the next ones.
constexpr std::size_t kKeptBytes = std::size_t{32} << 20;

}  // namespace

SampleReader::SampleReader(const ImageFolder& folder, const Split& split, View view,
                           const LoaderOptions& options, ImageCache& cache)
    : split_(split), view_(view), options_(options), cache_(cache), folder_((folder.root / "").string()) {}

void SampleReader::read(std::uint32_t sample, int epoch, std::span<float> out) {
  if (view_ == View::train && options_.augment)
    read_train(sample, epoch, out);
  else
    read_validation(sample, out);
  trim();
}

void SampleReader::read_train(std::uint32_t sample, int epoch, std::span<float> out) {
  const Image* const image = find_or_open(sample);
  const ImageSize size = image != nullptr ? ImageSize{image->height, image->width} : reader_.size();
  const int draw = options_.draws > 0 ? epoch % options_.draws : epoch;
  const CropAndFlip drawn = draw_crop(size, options_.seed, draw, sample);
  Resampling wanted = train_view(drawn, options_.image_size);
  if (options_.scaled_decode) {
    const int reduction = reader_.reduce(reduction_for(drawn.box, options_.image_size));
    if (reduction > 1) wanted = reduced(wanted, reduction, reader_.size());
  }
  resample(wanted, image);
  const auto side = static_cast<std::size_t>(options_.image_size);
  row_.resize(side * 3);
  for (std::size_t y = 0; y < side; ++y) {
    resampler_.row(static_cast<int>(y), row_.data());
    normalise(row_, out.subspan(y * side * 3, side * 3));
  }
}

void SampleReader::read_validation(std::uint32_t sample, std::span<float> out) {
  const Image* view = cache_.image(sample);
  if (view == nullptr) {
    open(sample);
    view = cache_.keep_image(sample, {options_.image_size, options_.image_size}, [&] {
      Image kept;
      make_view(kept);
      return kept;
    });
  }
  if (view == nullptr) {
    make_view(central_);
    view = &central_;
  }
  normalise(view->rgb, out);
}

/// The kept image, else nullptr with the reader at its file.
const Image* SampleReader::find_or_open(std::uint32_t sample) {
  if (const Image* const kept = cache_.image(sample)) return kept;
  const bool from_disk = open(sample);
  // Pixels that were decoded whole are not those that a reduced decoding gives.
  if (!options_.scaled_decode)
    if (const Image* const kept =
            cache_.keep_image(sample, reader_.size(), [this] { return reader_.read(); }))
      return kept;
  if (from_disk) cache_.keep_file(sample, std::as_bytes(std::span(file_)));
  return nullptr;
}

/// Returns whether the file was read from disk.
bool SampleReader::open(std::uint32_t sample) {
  path_.assign(folder_).append(split_.samples[sample].path);
  std::span<const std::byte> bytes = cache_.file(sample);
  const bool from_disk = bytes.empty();
  if (from_disk) {
    read_file(path_, file_);
    bytes = std::as_bytes(std::span(file_));
  }
  reader_.open(bytes, path_);
  return from_disk;
}

void SampleReader::make_view(Image& view) {
  const int side = options_.image_size;
  const CentralView wanted = central_view(reader_.size(), options_.resize_size, side);
  if (columns_come_first(wanted.part.box, wanted.part.size)) {
    view = validation_view(reader_.read(), options_.resize_size, side);
    return;
  }
  resample(wanted.part, nullptr);
  view.height = view.width = side;
  const Box& window = wanted.part.window;
  const std::size_t row = static_cast<std::size_t>(side) * 3;
  view.rgb.resize(row * static_cast<std::size_t>(side));
  if (window.width < side || window.height < side) std::ranges::fill(view.rgb, std::uint8_t{0});
  for (int y = 0; y < window.height; ++y)
    resampler_.row(y, view.rgb.data() + static_cast<std::size_t>(wanted.top + y) * row +
                          static_cast<std::size_t>(wanted.left) * 3);
}

void SampleReader::resample(const Resampling& wanted, const Image* image) {
  const Box source = resampler_.start(wanted);
  if (image == nullptr) return reader_.read(source, resampler_);
  const std::size_t stride = static_cast<std::size_t>(image->width) * 3;
  resampler_.take(image->rgb.data() + static_cast<std::size_t>(source.top) * stride +
                      static_cast<std::size_t>(source.left) * 3,
                  stride, source.height);
}

void SampleReader::trim() {
  reader_.trim(kKeptBytes);
  resampler_.trim(kKeptBytes);
  if (file_.capacity() > kKeptBytes) file_ = {};
}

}  // namespace amltrain::engine
