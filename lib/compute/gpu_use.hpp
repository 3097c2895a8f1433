// GPUs while processes run on them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <set>
#include <vector>

namespace amltrain {

/// Who computes on a GPU, by the driver's process ids: in a container these may name nobody.
struct GpuProcesses {
  int index = 0;
  std::vector<pid_t> processes;
};

struct GpuSample {
  int index = 0;
  std::uint64_t memory_bytes = 0;  // that the processes hold
  int utilization_percent = 0;     // of the device, by whomever
};

/// Asks NVIDIA's library, where the driver is there.
class GpuWatch {
 public:
  GpuWatch();
  ~GpuWatch();
  GpuWatch(const GpuWatch&) = delete;
  GpuWatch& operator=(const GpuWatch&) = delete;

  /// The GPUs on which the driver names one of `processes`. In a container whose pids are not the driver's
  /// there are none.
  std::vector<GpuSample> look(const std::set<pid_t>& processes);

  /// Of all GPUs that the driver answers for.
  std::vector<GpuProcesses> processes() const;

 private:
  struct Nvml;
  std::unique_ptr<Nvml> nvml_;
};

}  // namespace amltrain
