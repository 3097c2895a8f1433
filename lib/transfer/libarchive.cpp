#include "transfer/libarchive.hpp"

#include "support/shared_library.hpp"

namespace amltrain {
namespace {

LibArchive load() {
  const SharedLibrary library("libarchive.so.13", "libarchive13");
  LibArchive archive{};
  library.require(archive.entry_filetype, "archive_entry_filetype");
  library.require(archive.entry_free, "archive_entry_free");
  library.require(archive.entry_hardlink, "archive_entry_hardlink");
  library.require(archive.entry_is_encrypted, "archive_entry_is_encrypted");
  library.require(archive.entry_new, "archive_entry_new");
  library.require(archive.entry_pathname, "archive_entry_pathname");
  library.require(archive.entry_set_filetype, "archive_entry_set_filetype");
  library.require(archive.entry_set_pathname, "archive_entry_set_pathname");
  library.require(archive.entry_set_perm, "archive_entry_set_perm");
  library.require(archive.entry_set_size, "archive_entry_set_size");
  library.require(archive.entry_size, "archive_entry_size");
  library.require(archive.entry_size_is_set, "archive_entry_size_is_set");
  library.require(archive.error_string, "archive_error_string");
  library.require(archive.read_data, "archive_read_data");
  library.require(archive.read_free, "archive_read_free");
  library.require(archive.read_new, "archive_read_new");
  library.require(archive.read_next_header, "archive_read_next_header");
  library.require(archive.read_open_filename, "archive_read_open_filename");
  library.require(archive.read_support_filter_bzip2, "archive_read_support_filter_bzip2");
  library.require(archive.read_support_filter_gzip, "archive_read_support_filter_gzip");
  library.require(archive.read_support_filter_lz4, "archive_read_support_filter_lz4");
  library.require(archive.read_support_filter_xz, "archive_read_support_filter_xz");
  library.require(archive.read_support_filter_zstd, "archive_read_support_filter_zstd");
  library.require(archive.read_support_format_tar, "archive_read_support_format_tar");
  library.require(archive.read_support_format_zip, "archive_read_support_format_zip");
  library.require(archive.write_close, "archive_write_close");
  library.require(archive.write_data, "archive_write_data");
  library.require(archive.write_free, "archive_write_free");
  library.require(archive.write_header, "archive_write_header");
  library.require(archive.write_new, "archive_write_new");
  library.require(archive.write_open2, "archive_write_open2");
  library.require(archive.write_set_bytes_in_last_block, "archive_write_set_bytes_in_last_block");
  library.require(archive.write_set_format_pax_restricted, "archive_write_set_format_pax_restricted");
  return archive;
}

}  // namespace

const LibArchive& libarchive() {
  static const LibArchive archive = load();
  return archive;
}

}  // namespace amltrain
