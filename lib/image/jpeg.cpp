#include <algorithm>
#include <cstring>

#include "image/escape.hpp"
#include "image/formats.hpp"
#include "image/libjpeg.hpp"

namespace amltrain::jpeg {
namespace {

// Smoothed ("fancy") chroma upsampling looks past the left and right end of what jpeg_crop_scanline() keeps,
// and finds something else there than in the whole picture: so many pixels more are decoded and thrown away.
constexpr int kMargin = 16;

/// Freed also when what follows its making throws.
struct Decompressor : jpeg_decompress_struct {
  Decompressor() : jpeg_decompress_struct{} {}
  ~Decompressor() { jpeg_destroy_decompress(this); }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
};

/// A decompressor that reads from memory and, like Pillow's, suspends where the data end: an end marker is
/// never made up, so a cut file is told from a whole one.
class Reader {
 public:
  Reader(Bytes bytes, std::string_view origin) : origin_(origin) {
    decoder_.err = jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr decoder) {
      char message[JMSG_LENGTH_MAX];
      decoder->err->format_message(decoder, message);
      static_cast<Escape*>(decoder->client_data)->leave(message);
    };
    errors_.emit_message = [](j_common_ptr, int) {};  // Pillow heeds no warning either
    decoder_.client_data = &escape_;
    attempt([&] { jpeg_create_decompress(&decoder_); });

    source_.next_input_byte = reinterpret_cast<const JOCTET*>(bytes.data());
    source_.bytes_in_buffer = bytes.size();
    source_.init_source = [](j_decompress_ptr) {};
    source_.term_source = [](j_decompress_ptr) {};
    source_.fill_input_buffer = [](j_decompress_ptr) -> boolean { return FALSE; };
    source_.resync_to_restart = jpeg_resync_to_restart;
    source_.skip_input_data = [](j_decompress_ptr decoder, long count) {
      const std::size_t skipped =
          std::min(decoder->src->bytes_in_buffer, static_cast<std::size_t>(std::max(count, 0L)));
      decoder->src->next_input_byte += skipped;
      decoder->src->bytes_in_buffer -= skipped;
    };
    decoder_.src = &source_;
    read_header();
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  ImageSize size() const {
    return {static_cast<int>(decoder_.image_height), static_cast<int>(decoder_.image_width)};
  }

  /// False when the end marker is missing from what follows the header: the file may be cut.
  bool has_end_marker() const {
    const JOCTET* at = source_.next_input_byte;
    const JOCTET* const end = at + source_.bytes_in_buffer;
    constexpr JOCTET kEnd[] = {0xFF, JPEG_EOI};  // can't occur in entropy-coded data
    return std::search(at, end, std::begin(kEnd), std::end(kEnd)) != end;
  }

  Image read(const Box& box);

 private:
  template <typename Step>
  void attempt(Step step) {
    if (!escape_.run(step)) throw_unreadable(origin_, escape_.message());
  }
  void read_header();
  bool read_rows(const Box& box, Image& out, std::vector<JSAMPLE>& row);

  std::string_view origin_;
  Escape escape_;
  jpeg_error_mgr errors_{};
  jpeg_source_mgr source_{};
  Decompressor decoder_;
};

void Reader::read_header() {
  int status = JPEG_SUSPENDED;
  attempt([&] { status = jpeg_read_header(&decoder_, TRUE); });
  if (status != JPEG_HEADER_OK) throw_unreadable(origin_, "the image file is truncated");
  const int components = decoder_.num_components;
  if (components != 1 && components != 3 && components != 4)
    throw_unreadable(origin_, "a JPEG of " + std::to_string(components) + " components");
  decoder_.out_color_space = components == 4 ? JCS_CMYK : JCS_RGB;
  decoder_.dct_method = JDCT_ISLOW;
  decoder_.do_fancy_upsampling = TRUE;
}

/// Pillow takes every CMYK JPEG as Adobe writes it, inverted: a stored 255 is no ink.
void cmyk_to_rgb(const JSAMPLE* cmyk, std::uint8_t* rgb, int width) {
  for (int x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    for (int channel = 0; channel < 3; ++channel) {
      const int product = (255 - cmyk[channel]) * cmyk[3] + 128;  // ink x paper left by black
      rgb[channel] = static_cast<std::uint8_t>(cmyk[3] - (((product >> 8) + product) >> 8));
    }
  }
}

/// The decoding step proper; false when the data end too early.
bool Reader::read_rows(const Box& box, Image& out, std::vector<JSAMPLE>& row) {
  if (!jpeg_start_decompress(&decoder_)) return false;
  const int full_width = size().width;
  JDIMENSION left = 0;
  if (box.width < full_width) {
    left = static_cast<JDIMENSION>(std::max(0, box.left - kMargin));
    JDIMENSION width = static_cast<JDIMENSION>(std::min(full_width, box.left + box.width + kMargin)) - left;
    jpeg_crop_scanline(&decoder_, &left, &width);
  }
  // The same upwards: libjpeg keeps context rows over a skip, but only from the decoded ones.
  const int skipped = std::max(0, box.top - kMargin);
  if (skipped > 0 && jpeg_skip_scanlines(&decoder_, static_cast<JDIMENSION>(skipped)) == 0) return false;

  const bool cmyk = decoder_.out_color_space == JCS_CMYK;
  const std::size_t inset = static_cast<std::size_t>(box.left) - left;
  const std::size_t out_row = static_cast<std::size_t>(box.width) * 3;
  const bool direct = !cmyk && static_cast<int>(decoder_.output_width) == box.width;
  for (int y = skipped; y < box.top + box.height; ++y) {
    std::uint8_t* const target =
        y < box.top ? nullptr : out.rgb.data() + static_cast<std::size_t>(y - box.top) * out_row;
    JSAMPROW into = direct && target != nullptr ? target : row.data();
    if (jpeg_read_scanlines(&decoder_, &into, 1) != 1) return false;
    if (target == nullptr || into == target) continue;
    if (cmyk)
      cmyk_to_rgb(row.data() + inset * 4, target, box.width);
    else
      std::memcpy(target, row.data() + inset * 3, out_row);
  }
  return true;
}

Image Reader::read(const Box& box) {
  require_inside(box, size());
  const std::size_t pixels = static_cast<std::size_t>(box.height) * static_cast<std::size_t>(box.width);
  Image out{box.height, box.width, std::vector<std::uint8_t>(pixels * 3)};
  std::vector<JSAMPLE> row(static_cast<std::size_t>(size().width) * 4);
  bool whole = false;
  attempt([&] { whole = read_rows(box, out, row); });
  if (!whole) throw_unreadable(origin_, "the image file is truncated");
  return out;
}

}  // namespace

bool recognises(Bytes bytes) {
  constexpr std::byte kStart[] = {std::byte{0xFF}, std::byte{0xD8}, std::byte{0xFF}};
  return bytes.size() >= sizeof kStart && std::memcmp(bytes.data(), kStart, sizeof kStart) == 0;
}

ImageSize probe(Bytes bytes, std::string_view origin) { return Reader(bytes, origin).size(); }

Image decode(Bytes bytes, std::string_view origin, const DecodeLimits& limits) {
  Reader reader(bytes, origin);
  const ImageSize size = reader.size();
  require_within(limits, size, origin);
  return reader.read({0, 0, size.width, size.height});
}

Image decode_region(Bytes bytes, std::string_view origin, const Box& box, const DecodeLimits& limits) {
  Reader reader(bytes, origin);
  require_within(limits, reader.size(), origin);
  // Rows below the box stay unread: whether a cut file is refused must not hang on where the box lies.
  if (!reader.has_end_marker()) return crop(jpeg::decode(bytes, origin, limits), box);
  return reader.read(box);
}

}  // namespace amltrain::jpeg
