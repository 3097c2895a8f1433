#include "job/resource_sampler.hpp"

#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <new>

#include "compute/gpu_use.hpp"
#include "support/error.hpp"
#include "support/pipe.hpp"
#include "support/process.hpp"
#include "support/tree_use.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr std::size_t kMostGpus = 64;
constexpr microseconds kFirst{10'000}, kLongest{2'000'000};
constexpr int kShare = 200;  // looking takes at most a part in this many of the time

struct GpuFigures {
  std::atomic<std::uint64_t> peak_memory_bytes, microseconds, percent_microseconds;
};

void keep_largest(std::atomic<std::uint64_t>& figure, std::uint64_t seen) {
  if (seen > figure.load()) figure.store(seen);  // there is one writer
}

double cpu_seconds_of_self() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

struct ResourceSampler::Figures {
  std::atomic<std::uint64_t> peak_memory_bytes, peak_processes;
  std::atomic<double> own_cpu_seconds;
  std::array<GpuFigures, kMostGpus> gpus;

  /// `span`: since the last look, what this one stands for.
  void look(pid_t root, const std::set<pid_t>& left_out, GpuWatch& gpu_watch, microseconds span) {
    const TreeUse tree = look_at_tree(root, left_out);
    keep_largest(peak_memory_bytes, tree.resident_bytes);
    keep_largest(peak_processes, tree.processes.size());
    for (const GpuSample& sample : gpu_watch.look(tree.processes)) {
      if (sample.index < 0 || static_cast<std::size_t>(sample.index) >= kMostGpus) continue;
      GpuFigures& gpu = gpus[static_cast<std::size_t>(sample.index)];
      keep_largest(gpu.peak_memory_bytes, sample.memory_bytes);
      const auto length = static_cast<std::uint64_t>(span.count());
      gpu.percent_microseconds += static_cast<std::uint64_t>(sample.utilization_percent) * length;
      gpu.microseconds += length;
    }
    own_cpu_seconds = cpu_seconds_of_self();
  }

  /// Returns when the other end of the pipe is closed.
  void look_until_closed(int pipe, pid_t root, std::set<pid_t> left_out) {
    left_out.insert(getpid());
    GpuWatch gpu_watch;
    microseconds pause = kFirst;
    while (true) {
      pollfd end{pipe, POLLIN, 0};
      const auto wait = std::chrono::ceil<std::chrono::milliseconds>(pause);
      const int ready = poll(&end, 1, static_cast<int>(wait.count()));
      if (ready > 0 || (ready < 0 && errno != EINTR)) return;
      const auto begun = Clock::now();
      look(root, left_out, gpu_watch, pause);
      const auto cost = std::chrono::ceil<microseconds>(Clock::now() - begun);
      pause = std::max(std::min(pause * 2, kLongest), cost * kShare);
    }
  }
};

ResourceSampler::ResourceSampler() {
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<double>::is_always_lock_free);
  void* const page =
      mmap(nullptr, sizeof(Figures), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw_errno("cannot share memory");
  figures_.reset(new (page) Figures{});
  Pipe pipe;
  const Fd read_end = std::move(pipe.read_end);
  pipe_ = std::move(pipe.write_end);
  const pid_t parent = getpid();
  const std::set<pid_t> before = look_at_tree(parent, {}).processes;
  const pid_t child = fork();
  if (child < 0)
    throw Error(category::environment, "cannot start a process", "check the limits on processes (ulimit -u)");
  if (child > 0) return;
  become_helper_of(parent);  // it ends when the processes of the run are asked to
  prctl(PR_SET_NAME, "amltrain-watch");
  keep_only(read_end.get());  // the run's lock and slot are not its to hold
  try {
    figures_->look_until_closed(read_end.get(), parent, before);
  } catch (...) {  // out of memory: what was seen stays
  }
  _exit(0);
}

void ResourceSampler::Unmap::operator()(Figures* figures) const { munmap(figures, sizeof(Figures)); }

ResourceUse ResourceSampler::seen() const {
  ResourceUse use;
  if (const std::uint64_t peak = figures_->peak_memory_bytes; peak > 0) use.peak_memory_bytes = peak;
  use.peak_processes = static_cast<int>(figures_->peak_processes.load());
  for (std::size_t index = 0; index < kMostGpus; ++index) {
    const GpuFigures& gpu = figures_->gpus[index];
    const std::uint64_t length = gpu.microseconds;
    if (length == 0) continue;
    const double mean = static_cast<double>(gpu.percent_microseconds) / static_cast<double>(length) / 100;
    use.gpus.push_back({static_cast<int>(index), gpu.peak_memory_bytes, mean});
  }
  return use;
}

double ResourceSampler::own_cpu_seconds() const { return figures_->own_cpu_seconds; }

}  // namespace amltrain
