#include "image/reader.hpp"

#include <algorithm>
#include <optional>

#include "image/formats.hpp"
#include "image/jpeg_reader.hpp"
#include "support/error.hpp"

namespace amltrain {

struct ImageReader::State {
  std::optional<jpeg::Reader> jpeg;  // absent: another format, or nothing
  const Format* other = nullptr;
  Bytes bytes;
  std::string origin;
  DecodeLimits limits;
  ImageSize size;                  // of another format
  std::vector<std::uint8_t> rows;  // memory to work in
};

ImageReader::ImageReader() : state_(std::make_unique<State>()) {}
ImageReader::~ImageReader() = default;
ImageReader::ImageReader(ImageReader&&) noexcept = default;
ImageReader& ImageReader::operator=(ImageReader&&) noexcept = default;

void ImageReader::open(Bytes bytes, std::string_view origin, const DecodeLimits& limits) {
  State& state = *state_;
  state.jpeg.reset();
  state.other = nullptr;
  state.bytes = bytes;
  state.origin = origin;
  state.limits = limits;
  if (jpeg::recognises(bytes)) {
    state.jpeg.emplace(bytes, state.origin);
  } else {
    state.other = &format_of(bytes, origin);
    state.size = state.other->probe(bytes, origin);
  }
  require_within(limits, size(), origin);
}

ImageSize ImageReader::size() const { return state_->jpeg ? state_->jpeg->size() : state_->size; }

int ImageReader::reduce(int denominator) {
  if (!state_->jpeg) return 1;
  state_->jpeg->reduce(denominator);
  return denominator;
}

void ImageReader::read(const Box& box, RowSink& sink) {
  if (state_->jpeg) return state_->jpeg->read(box, sink, state_->rows);
  require_inside(box, state_->size);
  const Image image = read();
  const std::size_t stride = static_cast<std::size_t>(image.width) * 3;
  sink.take(
      image.rgb.data() + static_cast<std::size_t>(box.top) * stride + static_cast<std::size_t>(box.left) * 3,
      stride, box.height);
}

Image ImageReader::read() {
  if (state_->jpeg) return state_->jpeg->read();
  return state_->other->decode(state_->bytes, state_->origin, state_->limits);
}

void ImageReader::trim(std::size_t bytes) {
  state_->jpeg.reset();
  if (state_->rows.capacity() > bytes) state_->rows = {};
}

}  // namespace amltrain
