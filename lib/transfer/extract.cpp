#include "transfer/extract.hpp"

#include <fcntl.h>

#include <memory>
#include <vector>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"
#include "transfer/entry_name.hpp"
#include "transfer/libarchive.hpp"
#include "transfer/utf8_names.hpp"

namespace amltrain {
namespace {

constexpr std::uint64_t kRatioFrom = std::uint64_t{64} << 20;  // small archives may well be mostly zeros

struct Closed {
  void operator()(archive* reader) const { libarchive().read_free(reader); }
};
using Reader = std::unique_ptr<archive, Closed>;

class Extraction {
 public:
  Extraction(const std::filesystem::path& path, const std::filesystem::path& folder,
             const ExtractLimits& limits)
      : path_(path),
        root_(open_folder(folder)),
        limits_(limits),
        packed_(std::filesystem::file_size(path)),
        reader_(libarchive().read_new()),
        buffer_(1 << 18) {
    archive* const in = reader_.get();
    if (in == nullptr) throw Error(category::environment, "libarchive gives no reader: out of memory");
    libarchive().read_support_format_tar(in);
    libarchive().read_support_format_zip(in);
    for (const auto support : {libarchive().read_support_filter_gzip, libarchive().read_support_filter_bzip2,
                               libarchive().read_support_filter_xz, libarchive().read_support_filter_zstd,
                               libarchive().read_support_filter_lz4})
      support(in);
    if (libarchive().read_open_filename(in, path.c_str(), buffer_.size()) != ARCHIVE_OK)
      fail(std::string("is no zip or tar archive that can be read: ") + reason());
  }

  Extracted run(const std::function<bool(const std::string&)>& wanted) {
    const Utf8Names utf8_names;
    archive_entry* entry = nullptr;
    while (true) {
      const int status = libarchive().read_next_header(reader_.get(), &entry);
      if (status == ARCHIVE_EOF) break;
      if (status < ARCHIVE_WARN) fail(std::string("is cut or corrupt: ") + reason());
      if (++entries_ > limits_.entries) fail("has more than " + std::to_string(limits_.entries) + " entries");
      unpack(entry, wanted);
    }
    if (entries_ == 0) fail("holds nothing");
    sync_file_system(root_.get());
    return done_;
  }

 private:
  void unpack(archive_entry* entry, const std::function<bool(const std::string&)>& wanted) {
    const char* const raw = libarchive().entry_pathname(entry);
    if (raw == nullptr || *raw == '\0') fail("has an entry whose name can't be read");
    require_plain(entry, raw);
    const std::string name = clean_entry_name(raw);
    if (name.empty()) return;  // "./"
    if (wanted && !wanted(name)) {
      ++done_.left_out;
      return;
    }
    // What is declared is refused before a byte of it is made: a sparse file of a terabyte packs into a line.
    if (libarchive().entry_size_is_set(entry))
      require_room(static_cast<std::uint64_t>(libarchive().entry_size(entry)), name);
    if (const Fd file = make(name, libarchive().entry_filetype(entry) == AE_IFDIR)) {
      write_content(file.get(), name);
      ++done_.files;
    }
  }

  void require_plain(archive_entry* entry, const char* name) const {
    if (libarchive().entry_hardlink(entry) != nullptr) refuse(name, "is a hard link");
    if (libarchive().entry_is_encrypted(entry)) refuse(name, "is encrypted");
    switch (libarchive().entry_filetype(entry)) {
      case AE_IFREG:
      case AE_IFDIR:
        return;
      case AE_IFLNK:
        refuse(name, "is a symbolic link");
      default:
        refuse(name, "is a device, a pipe or of an unknown kind");
    }
  }

  /// The new file's descriptor; none for a folder.
  Fd make(const std::string& name, bool folder) const try {
    const auto parent = folder ? std::filesystem::path(name) : std::filesystem::path(name).parent_path();
    if (!parent.empty()) create_folders_beneath(root_.get(), parent);
    return folder ? Fd() : open_beneath(root_.get(), name, O_WRONLY | O_CREAT | O_EXCL, 0644);
  } catch (const Error& problem) {
    // The folder was empty, so whatever is in the way came out of this archive.
    if (problem.kind() == category::conflict) refuse(name, "is in the archive twice");
    throw;
  }

  void write_content(int file, const std::string& name) {
    while (true) {
      const la_ssize_t count = libarchive().read_data(reader_.get(), buffer_.data(), buffer_.size());
      if (count == 0) return;
      if (count < 0) refuse(name, std::string("is cut or corrupt: ") + reason());
      require_room(static_cast<std::uint64_t>(count), name);
      write_all(file, std::span(buffer_).first(static_cast<std::size_t>(count)), name);
      done_.bytes += static_cast<std::uint64_t>(count);
    }
  }

  void require_room(std::uint64_t more, const std::string& name) const {
    if (more > limits_.bytes || done_.bytes > limits_.bytes - more)
      refuse(name, "makes the archive unpack to more than " + human_bytes(limits_.bytes));
    const std::uint64_t unpacked = done_.bytes + more;
    if (unpacked > kRatioFrom && static_cast<double>(unpacked) > limits_.ratio * static_cast<double>(packed_))
      refuse(name, "makes the archive unpack to more than " +
                       std::to_string(static_cast<long>(limits_.ratio)) + " times its size");
  }

  std::string reason() const {
    const char* const text = libarchive().error_string(reader_.get());
    return text != nullptr ? text : "no reason given";
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(category::bad_input, path_.string() + " " + what,
                "check that the whole archive is there and of the kind its name says");
  }

  [[noreturn]] void refuse(const std::string& name, const std::string& why) const {
    throw Error(category::bad_input, "archive entry '" + shown_name(name) + "' " + why,
                "nothing is kept of " + path_.string());
  }

  const std::filesystem::path path_;
  const Fd root_;
  const ExtractLimits limits_;
  const std::uint64_t packed_;
  Reader reader_;
  std::vector<std::byte> buffer_;
  std::uint64_t entries_ = 0;
  Extracted done_;
};

}  // namespace

Extracted extract(const std::filesystem::path& archive, const std::filesystem::path& folder,
                  const ExtractLimits& limits, const std::function<bool(const std::string&)>& wanted) {
  std::error_code problem;
  if (!std::filesystem::is_regular_file(archive, problem))
    throw Error(category::not_found, "no archive file " + archive.string(), "check the path");
  return Extraction(archive, folder, limits).run(wanted);
}

}  // namespace amltrain
