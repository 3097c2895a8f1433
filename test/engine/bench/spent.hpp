// Wall and processor time of a stretch of the program.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>

#include "support/json.hpp"

namespace amltrain::bench {

/// CPU seconds (user and system) of this process, of all its threads, so far.
double process_cpu_seconds();

/// Threads of this process that run now, by the kernel's number.
std::set<int> threads_now();
/// CPU seconds of such a thread so far; 0 when it has ended.
double thread_cpu_seconds(int thread);

struct Spent {
  double seconds = 0;      // wall
  double cpu_seconds = 0;  // of the whole process
  std::int64_t images = 0;

  json document() const { return {{"images", images}, {"seconds", seconds}, {"cpu_seconds", cpu_seconds}}; }
};

class Stopwatch {
 public:
  Spent stop(std::int64_t images) const {
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(),
            process_cpu_seconds() - cpu_, images};
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double cpu_ = process_cpu_seconds();
};

}  // namespace amltrain::bench
