// libjpeg as an object. Internal to lib/image.
#pragma once

#include <string>
#include <vector>

#include "image/escape.hpp"
#include "image/formats.hpp"
#include "image/libjpeg.hpp"
#include "image/rows.hpp"

namespace amltrain::jpeg {

/// A decompressor that reads from memory and, like Pillow's, suspends where the data end: an end marker is
/// never made up, so a cut file is told from a whole one. It reads pixels once.
class Reader {
 public:
  Reader(Bytes bytes, std::string_view origin);
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Of the pixels that are read.
  ImageSize size() const {
    return {static_cast<int>(decoder_.output_height), static_cast<int>(decoder_.output_width)};
  }
  /// 1, 2, 4 or 8.
  void reduce(int denominator);

  /// `rows` is memory to work in.
  void read(const Box& box, RowSink& sink, std::vector<std::uint8_t>& rows);
  Image read();

 private:
  /// Freed also when what follows its making throws.
  struct Decompressor : jpeg_decompress_struct {
    Decompressor() : jpeg_decompress_struct{} {}
    ~Decompressor() { jpeg_destroy_decompress(this); }
    Decompressor(const Decompressor&) = delete;
    Decompressor& operator=(const Decompressor&) = delete;
  };

  template <typename Step>
  void attempt(Step step) {
    if (!escape_.run(step)) throw_unreadable(origin_, escape_.message());
  }
  void read_header();
  bool has_end_marker() const;
  bool read_rows(const Box& box, RowSink& sink, std::vector<std::uint8_t>& rows, bool whole);
  bool read_row(JSAMPROW into) { return jpeg_read_scanlines(&decoder_, &into, 1) == 1; }

  std::string_view origin_;
  Escape escape_;
  jpeg_error_mgr errors_{};
  jpeg_source_mgr source_{};
  Decompressor decoder_;
};

}  // namespace amltrain::jpeg
