#include "spent.hpp"

#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace amltrain::bench {

double process_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::set<int> threads_now() {
  std::set<int> threads;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task"))
    threads.insert(std::stoi(entry.path().filename().string()));
  return threads;
}

double thread_cpu_seconds(int thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/schedstat");
  double nanoseconds = 0;  // on a processor: the first of three numbers (kernel: Documentation/scheduler)
  file >> nanoseconds;
  return file ? 1e-9 * nanoseconds : 0;
}

}  // namespace amltrain::bench
