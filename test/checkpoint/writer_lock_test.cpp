#include "checkpoint/writer_lock.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

TEST_CASE("a second writer of a folder is refused with the first one's pid, until that is gone",
          "[checkpoint]") {
  const TemporaryFolder folder;
  {
    const FileLock first = lock_checkpoint_folder(folder.path());
    const Error problem = error_of([&] { lock_checkpoint_folder(folder.path()); });
    CHECK(problem.kind() == category::conflict);
    CHECK(contains(problem.what(), "process " + std::to_string(getpid())));
  }
  CHECK_NOTHROW(lock_checkpoint_folder(folder.path()));
}

TEST_CASE("what a killed writer left in the lock file does not hold the folder", "[checkpoint]") {
  const TemporaryFolder folder;
  write_plain(folder / "writer.lock", "12345678\n");
  const FileLock lock = lock_checkpoint_folder(folder.path());
  CHECK(read_plain(folder / "writer.lock") == std::to_string(getpid()) + "\n");
}
