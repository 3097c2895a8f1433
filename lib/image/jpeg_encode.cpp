#include <cstdlib>
#include <memory>

#include "image/escape.hpp"
#include "image/image.hpp"
#include "image/libjpeg.hpp"
#include "support/error.hpp"

namespace amltrain {
namespace {

struct Encoder {
  Escape escape;
  jpeg_error_mgr errors{};
  jpeg_compress_struct state{};
  unsigned char* buffer = nullptr;  // malloc'ed and grown by jpeg_mem_dest
  unsigned long size = 0;

  Encoder() {
    state.err = jpeg_std_error(&errors);
    state.client_data = &escape;
    errors.error_exit = [](j_common_ptr encoder) {
      char message[JMSG_LENGTH_MAX];
      encoder->err->format_message(encoder, message);
      static_cast<Escape*>(encoder->client_data)->leave(message);
    };
  }
  ~Encoder() {
    jpeg_destroy_compress(&state);
    std::free(buffer);
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  void write(const Image& image, int quality) {
    jpeg_create_compress(&state);
    jpeg_mem_dest(&state, &buffer, &size);
    state.image_width = static_cast<JDIMENSION>(image.width);
    state.image_height = static_cast<JDIMENSION>(image.height);
    state.input_components = 3;
    state.in_color_space = JCS_RGB;
    jpeg_set_defaults(&state);  // YCbCr, 4:2:0, standard Huffman tables
    state.dct_method = JDCT_ISLOW;
    jpeg_set_quality(&state, quality, TRUE);
    jpeg_start_compress(&state, TRUE);
    while (state.next_scanline < state.image_height) {
      JSAMPROW row = const_cast<JSAMPROW>(image.rgb.data()) + static_cast<std::size_t>(state.next_scanline) *
                                                                  static_cast<std::size_t>(image.width) * 3;
      jpeg_write_scanlines(&state, &row, 1);
    }
    jpeg_finish_compress(&state);
  }
};

}  // namespace

std::vector<std::byte> encode_jpeg(const Image& image, int quality) {
  Encoder encoder;
  if (!encoder.escape.run([&] { encoder.write(image, quality); }))
    throw Error(category::internal, std::string("can't encode a JPEG: ") + encoder.escape.message());
  const auto* begin = reinterpret_cast<const std::byte*>(encoder.buffer);
  return {begin, begin + encoder.size};
}

}  // namespace amltrain
