#include "image/pictures.hpp"

#include <png.h>
#include <webp/encode.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "image/libjpeg.hpp"

namespace amltrain::test {

Image mirror(const Image& image) {
  Image out = image;
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      for (int channel = 0; channel < 3; ++channel)
        out.rgb[static_cast<std::size_t>((y * image.width + x) * 3 + channel)] =
            image.rgb[static_cast<std::size_t>((y * image.width + image.width - 1 - x) * 3 + channel)];
  return out;
}

int Random::below(int limit) {
  state_ ^= state_ << 13;
  state_ ^= state_ >> 17;
  state_ ^= state_ << 5;
  return static_cast<int>(state_ % static_cast<std::uint32_t>(limit));
}

Box random_box(Random& random, int height, int width) {
  const int box_width = 1 + random.below(width), box_height = 1 + random.below(height);
  return {random.below(width - box_width + 1), random.below(height - box_height + 1), box_width, box_height};
}

Image draw_picture(int height, int width, std::uint32_t seed) {
  Random random(seed * 2654435761U | 1U);
  Image image{height, width, {}};
  const int tilt = 1 + random.below(5);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int channel = 0; channel < 3; ++channel) {
        const bool block = (x / 13 + y / 11) % 3 == channel;
        const int value = block ? 230 - 40 * channel : (x * tilt + y * (channel + 1)) % 256;
        image.rgb.push_back(static_cast<std::uint8_t>(value * 7 / 8 + random.below(32)));
      }
  return image;
}

Image cut_out(const Image& image, const Box& box) {
  Image out{box.height, box.width, {}};
  for (int y = box.top; y < box.top + box.height; ++y)
    for (int i = box.left * 3; i < (box.left + box.width) * 3; ++i)
      out.rgb.push_back(image.rgb[static_cast<std::size_t>(y * image.width * 3 + i)]);
  return out;
}

std::vector<std::byte> make_jpeg(const Image& image, Chroma chroma, bool progressive, int restart_every) {
  jpeg_error_mgr errors;
  jpeg_compress_struct encoder;
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&encoder, &buffer, &size);
  encoder.image_width = static_cast<JDIMENSION>(image.width);
  encoder.image_height = static_cast<JDIMENSION>(image.height);
  encoder.input_components = 3;
  encoder.in_color_space = JCS_RGB;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, 88, TRUE);
  encoder.comp_info[0].h_samp_factor = chroma == Chroma::half_width || chroma == Chroma::quarter ? 2 : 1;
  encoder.comp_info[0].v_samp_factor = chroma == Chroma::half_height || chroma == Chroma::quarter ? 2 : 1;
  encoder.restart_interval = static_cast<unsigned>(restart_every);
  if (progressive) jpeg_simple_progression(&encoder);
  jpeg_start_compress(&encoder, TRUE);
  while (encoder.next_scanline < encoder.image_height) {
    JSAMPROW row =
        const_cast<JSAMPROW>(&image.rgb[encoder.next_scanline * static_cast<std::size_t>(image.width) * 3]);
    jpeg_write_scanlines(&encoder, &row, 1);
  }
  jpeg_finish_compress(&encoder);
  const auto* bytes = reinterpret_cast<const std::byte*>(buffer);
  std::vector<std::byte> file(bytes, bytes + size);
  jpeg_destroy_compress(&encoder);
  std::free(buffer);
  return file;
}

std::vector<std::byte> make_png(const Image& image) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.width = static_cast<png_uint_32>(image.width);
  header.height = static_cast<png_uint_32>(image.height);
  header.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(header);
  std::vector<std::byte> file(size);
  if (!png_image_write_to_memory(&header, file.data(), &size, 0, image.rgb.data(), 0, nullptr))
    throw std::runtime_error(header.message);
  file.resize(size);
  return file;
}

std::vector<std::byte> make_webp(const Image& image, bool lossless) {
  std::uint8_t* encoded = nullptr;
  const int stride = image.width * 3;
  const std::size_t size =
      lossless ? WebPEncodeLosslessRGB(image.rgb.data(), image.width, image.height, stride, &encoded)
               : WebPEncodeRGB(image.rgb.data(), image.width, image.height, stride, 80, &encoded);
  if (size == 0) throw std::runtime_error("WebP encoding failed");
  const auto* bytes = reinterpret_cast<const std::byte*>(encoded);
  std::vector<std::byte> file(bytes, bytes + size);
  WebPFree(encoded);
  return file;
}

}  // namespace amltrain::test
