// The one seam through which the project writes to disk. Nothing is visible under its final name before it is
// whole and on disk; a failed write or fsync throws and leaves no final name behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace amltrain {

/// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  ~Fd() { reset(); }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

/// A file that appears under `target` only when commit() has returned: temporary file beside it, fsync,
/// rename, fsync of the folder. Destroyed without commit(), it leaves nothing. Large files are written piece
/// by piece.
class AtomicFile {
 public:
  enum class existing { replace, refuse };
  explicit AtomicFile(std::filesystem::path target, existing policy = existing::replace);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  /// Throws Error{conflict} when the policy is `refuse` and the target exists.
  void commit();
  /// As commit(), with no fsync: whole for every reader, but not after a crash of the machine.
  void commit_unsynced();
  int fd() const { return fd_.get(); }

 private:
  std::filesystem::path target_, temporary_;
  existing policy_;
  Fd fd_;
};

/// One-call form of AtomicFile.
void publish_file(const std::filesystem::path& target, std::string_view content,
                  AtomicFile::existing policy = AtomicFile::existing::replace);

/// The same without any fsync, for what can be made again: after a crash of the machine there may be the old
/// content, the new, or rubbish.
void publish_cache(const std::filesystem::path& target, std::string_view content);

/// Writes all of `bytes` to an open file; `path` is for the error.
void write_all(int fd, std::span<const std::byte> bytes, const std::filesystem::path& path);

/// fsync; `path` is for the error.
void sync_file(int fd, const std::filesystem::path& path);

/// Gives a file or folder that was made elsewhere on the same file system, and is on disk, its final name:
/// rename, fsync of the target's folder. Throws Error{conflict} when the policy is `refuse` and the target
/// exists.
void rename_into_place(const std::filesystem::path& made, const std::filesystem::path& target,
                       AtomicFile::existing policy);

/// The rename alone, over what is there: for many files, whose folder the caller syncs once.
void rename_unsynced(const std::filesystem::path& made, const std::filesystem::path& target);

/// True for the name of a temporary file: what a killed writer may leave behind, never content.
bool is_temporary_name(std::string_view filename);

/// Appends `line` and '\n' in one write, first ending a torn last line. Not synced.
void append_line(const std::filesystem::path& path, std::string_view line);

/// Puts `line` and '\n' in place of all from byte `size` on. The line is synced before its '\n' is written,
/// which is not synced: as long as the machine runs, a line with its end is one that is on disk. After a
/// throw what is there has no end, if it could not be taken back. The caller is the file's only writer.
void append_synced(const std::filesystem::path& path, std::uint64_t size, std::string_view line);

/// Keeps room for what is appended to the file up to `bytes` in all, so that a disk that fills up meanwhile
/// does not refuse it; its size stays. Nothing on a file system that can't. Throws Error{environment} when
/// there is no room.
void reserve_space(const std::filesystem::path& path, std::uint64_t bytes);

/// Cuts the file back to its first `size` bytes, and syncs it.
void cut_file(const std::filesystem::path& path, std::uint64_t size);

/// Whole content. Throws Error{not_found} when absent, Error{bad_input} when over `limit` bytes.
std::string read_file(const std::filesystem::path& path, std::uint64_t limit = std::uint64_t{1} << 32);
/// The same in place of what `content` holds, whose memory is used again.
void read_file(const std::string& path, std::string& content, std::uint64_t limit = std::uint64_t{1} << 32);

/// Calls `each` for the content, piece by piece, in order. Throws Error{not_found} when absent.
using EachPiece = std::function<void(std::span<const std::byte>)>;
void read_pieces(const std::filesystem::path& path, const EachPiece& each);
/// The same from an open file, from where it stands; `path` is for the error.
void read_pieces(int fd, const std::filesystem::path& path, const EachPiece& each);

/// Creates the folder and its parents, and fsyncs the parent that got a new entry.
void create_folders(const std::filesystem::path& folder);

/// fsync of a folder, after entries were made or renamed in it.
void sync_folder(const std::filesystem::path& folder);

/// All that was written so far to the file system that holds the open `folder` is on disk: one syncfs in
/// place of an fsync for each of many files.
void sync_file_system(int folder);

/// Opens `relative` below the folder `root` so that no "..", absolute path or symbolic link leaves it
/// (openat2 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS). `flags`, `mode` as for open(2); O_CLOEXEC is added.
/// Throws Error{bad_input} naming the entry when it would leave.
Fd open_beneath(int root, const std::filesystem::path& relative, int flags, unsigned mode = 0644);

/// Makes the folder `relative` and its parents below `root`, under the same rules; no error when present.
void create_folders_beneath(int root, const std::filesystem::path& relative);

/// Opens a folder for the two calls above.
Fd open_folder(const std::filesystem::path& folder);

}  // namespace amltrain
