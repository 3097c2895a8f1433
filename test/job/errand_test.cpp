#include "job/errand.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "support/errors.hpp"
#include "support/lock.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

/// What the process that calls it has open, a line each.
std::string list_open_files() {
  std::string list;
  std::error_code ignored;
  for (const auto& fd : std::filesystem::directory_iterator("/proc/self/fd"))
    list += std::filesystem::read_symlink(fd.path(), ignored).string() + "\n";
  return list;
}

std::string open_in_errand(Errand::Keeps keeps) {
  const Errand errand(list_open_files, keeps);
  return errand.result(wait_for(errand.pid()));
}

}  // namespace

TEST_CASE("an errand that may hang in a driver holds no lock of its parent", "[job]") {
  const TemporaryFolder folder;
  const std::string file = (folder / "run.lock").string();
  const FileLock lock = FileLock::acquire(file, std::chrono::seconds(1));
  CHECK(contains(open_in_errand(Errand::Keeps::everything), file));
  CHECK_FALSE(contains(open_in_errand(Errand::Keeps::nothing), file));
}
