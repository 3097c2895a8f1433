#include "workspace/trust.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"
#include "support/umask.hpp"

namespace amltrain {
namespace {

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

bool is_callers(uid_t owner) {
  return owner == geteuid() || (geteuid() == 0 && variable("SUDO_UID") == std::to_string(owner));
}

bool others_may_write(const struct stat& status) { return (status.st_mode & kOthersMayWrite) != 0; }

/// The first of the store's folders that others may write to, the store itself among them; else empty. Those
/// below are made with the umask of these.
std::filesystem::path open_to_others(const std::filesystem::path& store, const struct stat& status) {
  if (others_may_write(status)) return store;
  const Fd folder(open(store.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (const char* part : {"computes", "data", "environments", "experiments", "leases", "locks", "models",
                           "runs", "snapshots", "submissions", "tmp"}) {
    struct stat of_part {};
    if (fstatat(folder.get(), part, &of_part, 0) == 0 && others_may_write(of_part)) return store / part;
  }
  return {};
}

}  // namespace

void require_trusted(const std::filesystem::path& root, const std::filesystem::path& store) {
  const std::string_view safe = variable("AMLTRAIN_SAFE_WORKSPACE");
  if (safe == "*" || safe == root.native()) return;
  const std::string declare = "if you trust it: export AMLTRAIN_SAFE_WORKSPACE=" + shell_quote(root.native());
  struct stat status {};
  if (stat(store.c_str(), &status) != 0) throw_errno("cannot read " + store.string());
  if (!is_callers(status.st_uid))
    throw Error(category::bad_input,
                store.string() + " belongs to another user (" + std::to_string(status.st_uid) + ")", declare);
  if (const auto open = open_to_others(store, status); !open.empty())
    throw Error(category::bad_input, "others may write to " + open.string(),
                "take that away: chmod -R go-w " + shell_quote(store.native()) + "; " + declare);
}

}  // namespace amltrain
