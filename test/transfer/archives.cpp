#include "archives.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <catch2/catch.hpp>
#include <memory>

namespace amltrain::test {
namespace {

struct Closed {
  void operator()(archive* writer) const { archive_write_free(writer); }
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Writer = std::unique_ptr<archive, Closed>;

void set_kind(archive_entry* out, const Entry& entry) {
  switch (entry.kind) {
    case Entry::Kind::file:
      archive_entry_set_filetype(out, AE_IFREG);
      archive_entry_set_size(out, static_cast<la_int64_t>(entry.content.size()));
      break;
    case Entry::Kind::folder:
      archive_entry_set_filetype(out, AE_IFDIR);
      break;
    case Entry::Kind::symbolic_link:
      archive_entry_set_filetype(out, AE_IFLNK);
      archive_entry_set_symlink(out, entry.content.c_str());
      break;
    case Entry::Kind::hard_link:
      archive_entry_set_filetype(out, AE_IFREG);
      archive_entry_set_hardlink(out, entry.content.c_str());
      break;
    case Entry::Kind::device:
      archive_entry_set_filetype(out, AE_IFCHR);
      archive_entry_set_rdevmajor(out, 1);
      archive_entry_set_rdevminor(out, 3);
      break;
  }
}

void write_entries(archive* writer, const std::filesystem::path& target, const std::vector<Entry>& entries) {
  INFO(target << ": " << (archive_error_string(writer) != nullptr ? archive_error_string(writer) : ""));
  REQUIRE(archive_write_open_filename(writer, target.c_str()) == ARCHIVE_OK);
  for (const Entry& entry : entries) {
    const std::unique_ptr<archive_entry, Closed> out(archive_entry_new());
    archive_entry_set_pathname(out.get(), entry.name.c_str());
    set_kind(out.get(), entry);
    archive_entry_set_perm(out.get(), static_cast<__LA_MODE_T>(entry.mode));
    archive_entry_set_mtime(out.get(), 1'000'000'000, 0);
    REQUIRE(archive_write_header(writer, out.get()) >= ARCHIVE_WARN);
    if (entry.kind == Entry::Kind::file && !entry.content.empty())
      REQUIRE(archive_write_data(writer, entry.content.data(), entry.content.size()) ==
              static_cast<la_ssize_t>(entry.content.size()));
  }
  REQUIRE(archive_write_close(writer) == ARCHIVE_OK);
}

}  // namespace

void write_archive(const std::filesystem::path& target, Format format, const std::vector<Entry>& entries) {
  const Writer writer(archive_write_new());
  archive* const out = writer.get();
  format == Format::zip ? archive_write_set_format_zip(out) : archive_write_set_format_gnutar(out);
  if (format == Format::tar_gz) archive_write_add_filter_gzip(out);
  if (format == Format::tar_bz2) archive_write_add_filter_bzip2(out);
  if (format == Format::tar_xz) archive_write_add_filter_xz(out);
  if (format == Format::tar_zst) archive_write_add_filter_zstd(out);
  write_entries(out, target, entries);
}

void write_encrypted_zip(const std::filesystem::path& target, const std::vector<Entry>& entries) {
  const Writer writer(archive_write_new());
  archive_write_set_format_zip(writer.get());
  REQUIRE(archive_write_set_options(writer.get(), "zip:encryption=zipcrypt") == ARCHIVE_OK);
  REQUIRE(archive_write_set_passphrase(writer.get(), "secret") == ARCHIVE_OK);
  write_entries(writer.get(), target, entries);
}

}  // namespace amltrain::test
