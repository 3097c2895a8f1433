#include "support/run_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "support/files.hpp"
#include "support/hash.hpp"

namespace amltrain {
namespace {

std::string made(const std::string& mark, const std::string& secret, int node) {
  std::string name = run_memory_name(mark, secret, node);
  const Fd file(shm_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
  REQUIRE(file);
  return "/dev/shm" + name;
}

}  // namespace

TEST_CASE("a run's shared memory is removed by its mark, of all starts and hosts, and no other's",
          "[support]") {
  const std::string mark = random_hex(8), secret = random_hex(8);
  const std::string one = made(mark, secret, 0), two = made(mark, random_hex(8), 1),
                    other = made(random_hex(8), secret, 0);
  CHECK(one.find(mark) == std::string::npos);
  forget_run_memory(mark);
  CHECK_FALSE(std::filesystem::exists(one));
  CHECK_FALSE(std::filesystem::exists(two));
  CHECK(std::filesystem::exists(other));
  std::filesystem::remove(other);
}

}  // namespace amltrain
