#include "compute/inventory.hpp"

#include <sched.h>

#include <catch2/catch.hpp>
#include <fstream>

namespace amltrain {
namespace {

/// Lowers this process to one CPU while it lives.
class OneCpu {
 public:
  OneCpu() {
    REQUIRE(sched_getaffinity(0, sizeof before_, &before_) == 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
      if (CPU_ISSET(cpu, &before_)) CPU_SET(cpu, &one);
    }
    REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  }
  ~OneCpu() { sched_setaffinity(0, sizeof before_, &before_); }
  OneCpu(const OneCpu&) = delete;
  OneCpu& operator=(const OneCpu&) = delete;

 private:
  cpu_set_t before_;
};

std::uint64_t machine_memory_kib() {
  std::ifstream file("/proc/meminfo");
  std::string label;
  std::uint64_t kib = 0;
  file >> label >> kib;
  REQUIRE(label == "MemTotal:");
  return kib;
}

}  // namespace

TEST_CASE("the inventory counts the CPUs that this process may use", "[compute]") {
  const OneCpu bound;
  CHECK(take_inventory().cores == 1);
}

TEST_CASE("the inventory has at most the machine's memory", "[compute]") {
  const std::uint64_t bytes = take_inventory().memory_bytes;
  CHECK(bytes > 0);
  CHECK(bytes <= machine_memory_kib() * 1024);
}

TEST_CASE("an inventory is the same after it was written and read", "[compute]") {
  const Inventory taken{"host", "cpu", 3, 1ULL << 40, {"avx2"}, {{0, "GPU", 85899345920ULL}, {2, "GPU", 1}}};
  const Inventory read = parse_inventory(json::parse(json(taken).dump()));
  CHECK(json(read) == json(taken));
  CHECK(read.gpus.at(1).index == 2);
  CHECK(read.memory_bytes == 1ULL << 40);
}

}  // namespace amltrain
