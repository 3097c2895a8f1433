#include "checkpoint/writer_lock.hpp"

#include <unistd.h>

#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain {
namespace {

/// What the holder wrote; empty in the moment between its taking the lock and its writing.
std::string holder(const std::filesystem::path& file) {
  const std::string text = read_file(file, 4096);
  return text.substr(0, text.find('\n'));
}

}  // namespace

FileLock lock_checkpoint_folder(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "writer.lock";
  auto lock = FileLock::try_acquire(file);
  if (!lock) {
    const std::string pid = holder(file);
    throw Error(category::conflict,
                "another training" + (pid.empty() ? "" : ", process " + pid + ",") +
                    " writes its checkpoints to " + folder.string(),
                "wait for it to end, or name another --checkpoint-dir");
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(lock->fd(), 0) != 0) throw_errno("cannot write " + file.string());
  write_all(lock->fd(), std::as_bytes(std::span(pid)), file);
  return std::move(*lock);
}

}  // namespace amltrain
