#include <png.h>

#include <cstring>
#include <new>

#include "image/escape.hpp"
#include "image/formats.hpp"

namespace amltrain::png {
namespace {

/// Freed also when what follows its making throws.
struct Structs {
  png_structp png = nullptr;
  png_infop info = nullptr;

  Structs(Escape& escape, png_error_ptr on_error, png_error_ptr on_warning)
      : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, &escape, on_error, on_warning)),
        info(png == nullptr ? nullptr : png_create_info_struct(png)) {}
  ~Structs() { png_destroy_read_struct(&png, &info, nullptr); }
  Structs(const Structs&) = delete;
  Structs& operator=(const Structs&) = delete;
};

/// Reads from memory; libpng's checks stay at their defaults (CRC and zlib checksums are heeded).
class Reader {
 public:
  Reader(Bytes bytes, std::string_view origin)
      : origin_(origin), left_(bytes), structs_(escape_, report, [](png_structp, png_const_charp) {}) {
    if (structs_.info == nullptr) throw std::bad_alloc();
    attempt([this] {
      png_set_read_fn(png_, this, copy);
      png_read_info(png_, info_);
    });
  }

  ImageSize size() const {
    return {static_cast<int>(png_get_image_height(png_, info_)),
            static_cast<int>(png_get_image_width(png_, info_))};
  }
  Image read();

 private:
  template <typename Step>
  void attempt(Step step) {
    if (!escape_.run(step)) throw_unreadable(origin_, escape_.message());
  }
  static void report(png_structp png, png_const_charp message) {
    static_cast<Escape*>(png_get_error_ptr(png))->leave(message);
  }
  static void copy(png_structp png, png_bytep out, std::size_t count) {
    Bytes& left = static_cast<Reader*>(png_get_io_ptr(png))->left_;
    if (left.size() < count) png_error(png, "the image file is truncated");
    std::memcpy(out, left.data(), count);
    left = left.subspan(count);
  }
  void request_rgb();

  std::string_view origin_;
  Bytes left_;
  Escape escape_;
  Structs structs_;
  const png_structp png_ = structs_.png;
  const png_infop info_ = structs_.info;
};

/// Alpha and tRNS are dropped, not blended: the colour below them is what Pillow's convert("RGB") gives.
void Reader::request_rgb() {
  const int colour = png_get_color_type(png_, info_);
  if (colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png_);
  if (colour == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png_);
  if (colour != PNG_COLOR_TYPE_GRAY) png_set_strip_16(png_);  // the high byte; grey is clipped below
  if ((colour & PNG_COLOR_MASK_COLOR) == 0) png_set_gray_to_rgb(png_);
  png_set_strip_alpha(png_);
  png_set_interlace_handling(png_);
  png_read_update_info(png_, info_);
}

Image Reader::read() {
  attempt([&] { request_rgb(); });
  const std::size_t height = png_get_image_height(png_, info_), width = png_get_image_width(png_, info_);
  const std::size_t stride = png_get_rowbytes(png_, info_);
  std::vector<std::uint8_t> pixels(height * stride);
  std::vector<png_bytep> rows(height);
  for (std::size_t y = 0; y < height; ++y) rows[y] = pixels.data() + y * stride;
  attempt([&] { png_read_image(png_, rows.data()); });
  if (png_get_bit_depth(png_, info_) == 16) {
    // Pillow keeps 16-bit grey whole, as mode I;16, and its convert("RGB") then clips instead of scaling.
    for (std::size_t i = 0; i < height * width * 3; ++i)
      pixels[i] = pixels[2 * i] != 0 ? 255 : pixels[2 * i + 1];
    pixels.resize(height * width * 3);
  }
  return {static_cast<int>(height), static_cast<int>(width), std::move(pixels)};
}

}  // namespace

bool recognises(Bytes bytes) {
  return bytes.size() >= 8 && png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, 8) == 0;
}

ImageSize probe(Bytes bytes, std::string_view origin) { return Reader(bytes, origin).size(); }

Image decode(Bytes bytes, std::string_view origin, const DecodeLimits& limits) {
  Reader reader(bytes, origin);
  require_within(limits, reader.size(), origin);
  return reader.read();
}

}  // namespace amltrain::png
