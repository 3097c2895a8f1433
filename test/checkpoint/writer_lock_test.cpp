#include "checkpoint/writer_lock.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "support/children.hpp"
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

TEST_CASE("a training that starts again waits for the start before to be gone", "[checkpoint]") {
  const TemporaryFolder folder;
  Child writer([&](int pipe) {
    const FileLock held = lock_checkpoint_folder(folder.path());
    close(pipe);
    while (true) pause();
  });
  CHECK(writer.message().empty());  // it has the lock
  const Error problem = error_of([&] { lock_checkpoint_folder(folder.path(), std::chrono::seconds(1)); });
  CHECK(problem.kind() == category::environment);  // the next start may get it
  CHECK(contains(problem.what(), "process " + std::to_string(writer.pid())));
  const std::jthread end([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    kill(writer.pid(), SIGKILL);
  });
  CHECK_NOTHROW(lock_checkpoint_folder(folder.path(), std::chrono::seconds(20)));
}

TEST_CASE("only a start after the first has that patience", "[checkpoint]") {
  setenv("AMLTRAIN_RESTARTS", "0", 1);
  CHECK(patience_with_last_writer().count() == 0);
  setenv("AMLTRAIN_RESTARTS", "1", 1);
  CHECK(patience_with_last_writer() > std::chrono::seconds(90));  // the lease of an NFS server
  CHECK(patience_with_last_writer() < std::chrono::minutes(2));   // what other ranks wait for this one
  unsetenv("AMLTRAIN_RESTARTS");
  CHECK(patience_with_last_writer().count() == 0);
}

TEST_CASE("what a killed writer left in the lock file does not hold the folder", "[checkpoint]") {
  const TemporaryFolder folder;
  write_plain(folder / "writer.lock", "12345678\n");
  const FileLock lock = lock_checkpoint_folder(folder.path());
  CHECK(read_plain(folder / "writer.lock") == std::to_string(getpid()) + "\n");
}
