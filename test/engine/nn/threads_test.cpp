#include <ATen/Parallel.h>

#include <catch2/catch.hpp>
#include <mutex>
#include <set>
#include <thread>

// at::parallel_for is a loop in one thread where its header is compiled without OpenMP.
TEST_CASE("a parallel loop of the engine's own code runs in torch's threads") {
  at::set_num_threads(2);
  std::mutex mutex;
  std::set<std::thread::id> threads;
  at::parallel_for(0, 2, 1, [&](std::int64_t, std::int64_t) {
    const std::scoped_lock lock(mutex);
    threads.insert(std::this_thread::get_id());
  });
  REQUIRE(threads.size() == 2);
}
