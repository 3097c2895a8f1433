#include "transfer/libarchive.hpp"

#include "support/shared_library.hpp"

namespace amltrain {
namespace {

LibArchive load() {
  const SharedLibrary library("libarchive.so.13");
  const auto require = [&](auto& function, const char* name) {
    library.require(function, name, "libarchive13");
  };
  LibArchive archive{};
  require(archive.entry_filetype, "archive_entry_filetype");
  require(archive.entry_free, "archive_entry_free");
  require(archive.entry_hardlink, "archive_entry_hardlink");
  require(archive.entry_is_encrypted, "archive_entry_is_encrypted");
  require(archive.entry_new, "archive_entry_new");
  require(archive.entry_pathname, "archive_entry_pathname");
  require(archive.entry_set_filetype, "archive_entry_set_filetype");
  require(archive.entry_set_pathname, "archive_entry_set_pathname");
  require(archive.entry_set_perm, "archive_entry_set_perm");
  require(archive.entry_set_size, "archive_entry_set_size");
  require(archive.entry_size, "archive_entry_size");
  require(archive.entry_size_is_set, "archive_entry_size_is_set");
  require(archive.error_string, "archive_error_string");
  require(archive.read_data, "archive_read_data");
  require(archive.read_free, "archive_read_free");
  require(archive.read_new, "archive_read_new");
  require(archive.read_next_header, "archive_read_next_header");
  require(archive.read_open_filename, "archive_read_open_filename");
  require(archive.read_support_filter_bzip2, "archive_read_support_filter_bzip2");
  require(archive.read_support_filter_gzip, "archive_read_support_filter_gzip");
  require(archive.read_support_filter_lz4, "archive_read_support_filter_lz4");
  require(archive.read_support_filter_xz, "archive_read_support_filter_xz");
  require(archive.read_support_filter_zstd, "archive_read_support_filter_zstd");
  require(archive.read_support_format_tar, "archive_read_support_format_tar");
  require(archive.read_support_format_zip, "archive_read_support_format_zip");
  require(archive.write_close, "archive_write_close");
  require(archive.write_data, "archive_write_data");
  require(archive.write_free, "archive_write_free");
  require(archive.write_header, "archive_write_header");
  require(archive.write_new, "archive_write_new");
  require(archive.write_open2, "archive_write_open2");
  require(archive.write_set_bytes_in_last_block, "archive_write_set_bytes_in_last_block");
  require(archive.write_set_format_pax_restricted, "archive_write_set_format_pax_restricted");
  return archive;
}

}  // namespace

const LibArchive& libarchive() {
  static const LibArchive archive = load();
  return archive;
}

}  // namespace amltrain
