// The calls of files.hpp that stay below a folder: the kernel decides what "below" is, not a look at the
// string.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain {

Fd open_beneath(int root, const std::filesystem::path& relative, int flags, unsigned mode) {
  struct open_how how {};
  how.flags = static_cast<unsigned>(flags) | O_CLOEXEC;
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;  // openat2 refuses a mode that has no use
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  while (true) {
    const long fd = syscall(SYS_openat2, root, relative.c_str(), &how, sizeof how);
    if (fd >= 0) return Fd(static_cast<int>(fd));
    switch (errno) {
      case EINTR:
      case EAGAIN:  // a rename elsewhere made the kernel unsure of a ".."
        continue;
      case EXDEV:
        throw Error(category::bad_input, "'" + relative.string() + "' leaves its folder");
      case ELOOP:
        throw Error(category::bad_input, "'" + relative.string() + "' goes through a symbolic link");
      case ENOSYS:
        throw Error(category::environment, "this kernel has no openat2", "run on Linux 5.6 or newer");
      default:
        throw_errno("cannot open '" + relative.string() + "'");
    }
  }
}

void create_folders_beneath(int root, const std::filesystem::path& relative) {
  Fd held;
  int folder = root;
  for (const std::filesystem::path& part : relative) {
    if (part.empty() || part == ".") continue;
    if (!part.is_absolute() && part != ".." && mkdirat(folder, part.c_str(), 0777) != 0 && errno != EEXIST)
      throw_errno("cannot create folder '" + relative.string() + "'");
    try {
      held = open_beneath(folder, part, O_PATH | O_DIRECTORY);
    } catch (const Error& problem) {
      throw Error(problem.kind(), "cannot create folder '" + relative.string() + "': " + problem.what(),
                  problem.hint());
    }
    folder = held.get();
  }
}

Fd open_folder(const std::filesystem::path& folder) {
  Fd opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) throw_errno("cannot open folder " + folder.string());
  return opened;
}

}  // namespace amltrain
