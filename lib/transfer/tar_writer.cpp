#include "transfer/tar_writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <exception>

#include "support/error.hpp"
#include "support/hash.hpp"
#include "support/text.hpp"
#include "transfer/entry_name.hpp"
#include "transfer/libarchive.hpp"
#include "transfer/utf8_names.hpp"

namespace amltrain {
namespace {

struct Freed {
  void operator()(archive* writer) const { libarchive().write_free(writer); }
  void operator()(archive_entry* entry) const { libarchive().entry_free(entry); }
};

}  // namespace

struct TarWriter::State {
  explicit State(AtomicFile& out) : target(out), writer(libarchive().write_new()) {
    if (!writer) throw Error(category::environment, "libarchive gives no writer: out of memory");
    libarchive().write_set_format_pax_restricted(writer.get());
    libarchive().write_set_bytes_in_last_block(writer.get(), 1);
    require(libarchive().write_open2(writer.get(), this, nullptr, &State::take, nullptr, nullptr));
  }

  /// Called by libarchive, which exceptions must not pass through.
  static la_ssize_t take(archive*, void* self, const void* bytes, std::size_t count) {
    State& state = *static_cast<State*>(self);
    try {
      state.target.write(std::span(static_cast<const std::byte*>(bytes), count));
      return static_cast<la_ssize_t>(count);
    } catch (...) {
      state.failure = std::current_exception();
      return -1;
    }
  }

  void require(la_ssize_t result) {
    if (result >= ARCHIVE_WARN) return;
    if (failure) std::rethrow_exception(failure);
    const char* const reason = libarchive().error_string(writer.get());
    throw Error(category::internal,
                std::string("can't write the archive: ") + (reason ? reason : "no reason given"));
  }

  void begin(const std::string& name, std::uint64_t bytes) {
    if (clean_entry_name(name) != name)
      throw Error(category::bad_input, "'" + printable(name) + "' can't be the name of an archive's entry");
    const std::unique_ptr<archive_entry, Freed> entry(libarchive().entry_new());
    libarchive().entry_set_pathname(entry.get(), name.c_str());
    libarchive().entry_set_size(entry.get(), static_cast<la_int64_t>(bytes));
    libarchive().entry_set_filetype(entry.get(), AE_IFREG);
    libarchive().entry_set_perm(entry.get(), 0644);
    require(libarchive().write_header(writer.get(), entry.get()));
  }

  void content(std::span<const std::byte> bytes) {
    if (!bytes.empty()) require(libarchive().write_data(writer.get(), bytes.data(), bytes.size()));
  }

  AtomicFile& target;
  Utf8Names utf8_names;
  std::unique_ptr<archive, Freed> writer;
  std::exception_ptr failure;
};

TarWriter::TarWriter(AtomicFile& target) : state_(std::make_unique<State>(target)) {}
TarWriter::~TarWriter() = default;

HashedFile TarWriter::add(int root, const std::filesystem::path& path, const std::string& name) {
  const Fd file = open_beneath(root, path, O_RDONLY | O_NONBLOCK);
  struct stat status {};
  if (fstat(file.get(), &status) != 0) throw_errno("cannot read " + path.string());
  if (!S_ISREG(status.st_mode)) throw Error(category::conflict, "'" + name + "' is no file any more");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  state_->begin(name, size);
  Sha256 hash;
  std::uint64_t bytes = 0;
  read_pieces(file.get(), path, [&](std::span<const std::byte> piece) {
    bytes += piece.size();
    hash.update(piece);
    if (bytes <= size) state_->content(piece);
  });
  if (bytes != size)
    throw Error(category::conflict, "'" + name + "' was written to while it was read",
                "try again once nothing writes to it");
  return {name, bytes, hash.finish()};
}

HashedFile TarWriter::add_text(std::string_view text, const std::string& name) {
  state_->begin(name, text.size());
  state_->content(std::as_bytes(std::span(text)));
  return {name, text.size(), sha256_of(text)};
}

void TarWriter::finish() { state_->require(libarchive().write_close(state_->writer.get())); }

}  // namespace amltrain
