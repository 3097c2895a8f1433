#include "checkpoint/writer_lock.hpp"

#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain {
namespace {

/// What the holder wrote; empty in the moment between its taking the lock and its writing.
std::string holder(const std::filesystem::path& file) {
  const std::string text = read_file(file, 4096);
  return text.substr(0, text.find('\n'));
}

std::optional<FileLock> acquire(const std::filesystem::path& file, std::chrono::seconds patience) try {
  return FileLock::acquire(file, patience);
} catch (const Error& problem) {
  if (problem.kind() != category::conflict) throw;
  return std::nullopt;
}

}  // namespace

FileLock lock_checkpoint_folder(const std::filesystem::path& folder, std::chrono::seconds patience) {
  const std::filesystem::path file = folder / "writer.lock";
  auto lock = acquire(file, patience);
  if (!lock) {
    const std::string pid = holder(file);
    throw Error(patience.count() > 0 ? category::environment : category::conflict,
                "another training" + (pid.empty() ? "" : ", process " + pid + ",") +
                    " writes its checkpoints to " + folder.string(),
                "wait for it to end, or name another --checkpoint-dir");
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(lock->fd(), 0) != 0) throw_errno("cannot write " + file.string());
  write_all(lock->fd(), std::as_bytes(std::span(pid)), file);
  return std::move(*lock);
}

std::chrono::seconds patience_with_last_writer() {
  const char* const restarts = std::getenv("AMLTRAIN_RESTARTS");
  const bool is_restart = restarts != nullptr && std::string_view(restarts) != "0";
  return std::chrono::seconds(is_restart ? 100 : 0);
}

}  // namespace amltrain
