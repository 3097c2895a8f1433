#include "support/lock.hpp"

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <thread>

#include "children.hpp"
#include "errors.hpp"
#include "support/process.hpp"
#include "temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;
using namespace std::chrono_literals;

TEST_CASE("a lock excludes others until it is destroyed", "[support]") {
  const TemporaryFolder folder;
  CHECK_FALSE(FileLock::is_held(folder / "lock"));  // absent
  {
    const auto lock = FileLock::try_acquire(folder / "lock");
    REQUIRE(lock);
    CHECK(FileLock::is_held(folder / "lock"));
    CHECK_FALSE(FileLock::try_acquire(folder / "lock"));
  }
  CHECK_FALSE(FileLock::is_held(folder / "lock"));
  CHECK(FileLock::try_acquire(folder / "lock"));
}

TEST_CASE("waiting for a held lock ends with a conflict that names it", "[support]") {
  const TemporaryFolder folder;
  const auto lock = FileLock::try_acquire(folder / "lock");
  const Error problem = error_of([&] { FileLock::acquire(folder / "lock", 30ms); });
  CHECK(problem.kind() == category::conflict);
  CHECK(contains(problem.what(), (folder / "lock").string()));
}

TEST_CASE("a waiter gets the lock when the holder lets go", "[support]") {
  const TemporaryFolder folder;
  auto lock = FileLock::try_acquire(folder / "lock");
  std::thread holder([&] { lock.reset(); });
  CHECK_NOTHROW(FileLock::acquire(folder / "lock", 20s));
  holder.join();
}

TEST_CASE("a lock vanishes with a holder killed by signal 9", "[support]") {
  const TemporaryFolder folder;
  Child holder([&](int pipe) {
    static const FileLock lock = FileLock::acquire(folder / "lock", 1s);
    if (write(pipe, "held", 4) != 4) _exit(1);
  });
  REQUIRE(holder.message() == "held");
  CHECK(FileLock::is_held(folder / "lock"));
  holder.kill_now();
  CHECK_FALSE(FileLock::is_held(folder / "lock"));
  CHECK(FileLock::try_acquire(folder / "lock"));
}

TEST_CASE("a lock passed to a started process is held after the parent lets go", "[support]") {
  const TemporaryFolder folder;
  auto lock = FileLock::try_acquire(folder / "lock");
  Command command;
  command.arguments = {"sleep", "1000"};
  command.inherited_fds = {lock->fd()};
  const pid_t child = start_process(command);
  lock.reset();
  CHECK(FileLock::is_held(folder / "lock"));
  kill(child, SIGKILL);
  wait_for(child);
  CHECK_FALSE(FileLock::is_held(folder / "lock"));
}

TEST_CASE("a lock is not passed to a process that is not to have it", "[support]") {
  const TemporaryFolder folder;
  auto lock = FileLock::try_acquire(folder / "lock");
  Command command;
  command.arguments = {"sleep", "1000"};
  const pid_t child = start_process(command);
  lock.reset();
  CHECK_FALSE(FileLock::is_held(folder / "lock"));
  kill(child, SIGKILL);
  wait_for(child);
}

TEST_CASE("an adopted lock closes on exec and is released by its new owner", "[support]") {
  const TemporaryFolder folder;
  auto lock = FileLock::try_acquire(folder / "lock");
  const int inherited = fcntl(lock->fd(), F_DUPFD, 3);
  lock.reset();
  REQUIRE(FileLock::is_held(folder / "lock"));
  {
    const FileLock adopted = FileLock::adopt(inherited);
    CHECK((fcntl(adopted.fd(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(FileLock::is_held(folder / "lock"));
  }
  CHECK_FALSE(FileLock::is_held(folder / "lock"));
  CHECK_THROWS_AS(FileLock::adopt(inherited), Error);
}

TEST_CASE("a lock on a deleted file does not count as the lock of the new one", "[support]") {
  const TemporaryFolder folder;
  const auto old = FileLock::try_acquire(folder / "lock");
  std::filesystem::remove(folder / "lock");
  const auto fresh = FileLock::try_acquire(folder / "lock");
  REQUIRE(fresh);
  CHECK(FileLock::is_held(folder / "lock"));
}
