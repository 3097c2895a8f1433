#include <algorithm>
#include <cstring>

#include "image/jpeg_reader.hpp"

namespace amltrain::jpeg {
namespace {

// Smoothed ("fancy") chroma upsampling looks past the left and right end of what jpeg_crop_scanline() keeps,
// and finds something else there than in the whole picture: so many pixels more are decoded and thrown away.
constexpr int kMargin = 16;

constexpr int kRows = 4;  // given to the sink at a time

/// Pillow takes every CMYK JPEG as Adobe writes it, inverted: a stored 255 is no ink. `rgb` may be `cmyk`.
void cmyk_to_rgb(const JSAMPLE* cmyk, std::uint8_t* rgb, std::size_t width) {
  for (std::size_t x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    const int paper = cmyk[3];
    for (int channel = 0; channel < 3; ++channel) {
      const int product = (255 - cmyk[channel]) * paper + 128;  // ink x paper left by black
      rgb[channel] = static_cast<std::uint8_t>(paper - (((product >> 8) + product) >> 8));
    }
  }
}

/// Whether libjpeg guesses what a progressive file never sent, from blocks around that a crop would not
/// decode. coef_bits: for each coefficient in zigzag order the bits still missing, -1 where nothing came.
bool is_smoothed(const jpeg_decompress_struct& decoder) {
  if (!decoder.progressive_mode || !decoder.coef_bits) return false;
  for (int component = 0; component < decoder.num_components; ++component) {
    const int* const bits = decoder.coef_bits[component];
    if (std::any_of(bits, bits + DCTSIZE2, [](int missing) { return missing != 0; })) return true;
  }
  return false;
}

}  // namespace

Reader::Reader(Bytes bytes, std::string_view origin) : origin_(origin) {
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
  reduce(1);
}

void Reader::reduce(int denominator) {
  decoder_.scale_num = 1;
  decoder_.scale_denom = static_cast<unsigned>(denominator);
  attempt([&] { jpeg_calc_output_dimensions(&decoder_); });
}

/// False when the end marker is missing from what follows the header: the file may be cut.
bool Reader::has_end_marker() const {
  const std::string_view data(reinterpret_cast<const char*>(source_.next_input_byte),
                              source_.bytes_in_buffer);
  return data.rfind("\xFF\xD9") != data.npos;  // can't occur in entropy-coded data
}

/// The decoding step proper; false when the data end too early. `whole`: every row is decoded, and as it is
/// in the whole picture.
bool Reader::read_rows(const Box& box, RowSink& sink, std::vector<std::uint8_t>& rows, bool whole) {
  if (!jpeg_start_decompress(&decoder_)) return false;
  whole = whole || is_smoothed(decoder_);
  const ImageSize full = size();
  JDIMENSION left = 0;
  if (box.width < full.width && !whole) {
    left = static_cast<JDIMENSION>(std::max(0, box.left - kMargin));
    JDIMENSION width = static_cast<JDIMENSION>(std::min(full.width, box.left + box.width + kMargin)) - left;
    jpeg_crop_scanline(&decoder_, &left, &width);
  }
  // The same upwards: libjpeg keeps context rows over a skip, but only from the decoded ones.
  const int skipped = whole ? 0 : std::max(0, box.top - kMargin);
  if (skipped > 0 && jpeg_skip_scanlines(&decoder_, static_cast<JDIMENSION>(skipped)) == 0) return false;
  for (int y = skipped; y < box.top; ++y)
    if (!read_row(rows.data())) return false;

  const bool cmyk = decoder_.out_color_space == JCS_CMYK;
  const std::size_t inset = static_cast<std::size_t>(box.left) - left;
  const std::size_t stride = rows.size() / kRows;
  for (int y = 0; y < box.height; y += kRows) {
    const int count = std::min(kRows, box.height - y);
    for (int i = 0; i < count; ++i) {
      std::uint8_t* const row = rows.data() + static_cast<std::size_t>(i) * stride;
      if (!read_row(row)) return false;
      if (cmyk) cmyk_to_rgb(row, row, inset + static_cast<std::size_t>(box.width));
    }
    sink.take(rows.data() + inset * 3, stride, count);
  }
  for (int y = box.top + box.height; whole && y < full.height; ++y)
    if (!read_row(rows.data())) return false;
  return true;
}

void Reader::read(const Box& box, RowSink& sink, std::vector<std::uint8_t>& rows) {
  require_inside(box, size());
  const std::size_t row = static_cast<std::size_t>(size().width) *
                          static_cast<std::size_t>(decoder_.out_color_space == JCS_CMYK ? 4 : 3);
  rows.resize(row * kRows);
  // Rows below the box stay unread: whether a cut file is refused must not hang on where the box lies.
  const bool may_be_cut = !has_end_marker();
  bool complete = false;
  attempt([&] { complete = read_rows(box, sink, rows, may_be_cut); });
  if (!complete) throw_unreadable(origin_, "the image file is truncated");
}

Image Reader::read() {
  const auto height = static_cast<std::size_t>(size().height), width = static_cast<std::size_t>(size().width);
  const bool cmyk = decoder_.out_color_space == JCS_CMYK;
  Image out{size().height, size().width, std::vector<std::uint8_t>(height * width * 3)};
  std::vector<JSAMPLE> row(cmyk ? width * 4 : 0);
  bool complete = false;
  attempt([&] {
    complete = jpeg_start_decompress(&decoder_) == TRUE;
    for (std::size_t y = 0; complete && y < height; ++y) {
      std::uint8_t* const rgb = out.rgb.data() + y * width * 3;
      complete = read_row(cmyk ? row.data() : rgb);
      if (cmyk) cmyk_to_rgb(row.data(), rgb, width);
    }
  });
  if (!complete) throw_unreadable(origin_, "the image file is truncated");
  return out;
}

bool recognises(Bytes bytes) {
  constexpr std::byte kStart[] = {std::byte{0xFF}, std::byte{0xD8}, std::byte{0xFF}};
  return bytes.size() >= sizeof kStart && std::memcmp(bytes.data(), kStart, sizeof kStart) == 0;
}

}  // namespace amltrain::jpeg
