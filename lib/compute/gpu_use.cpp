#include "compute/gpu_use.hpp"

#include <array>
#include <optional>

#include "compute/nvml_library.hpp"

namespace amltrain {
namespace {

struct Process {  // nvmlProcessInfo_t of nvmlDeviceGetComputeRunningProcesses_v3
  unsigned pid;
  unsigned long long used_memory;  // ~0: not known
  unsigned gpu_instance, compute_instance;
};
struct Utilization {  // nvmlUtilization_t, percent
  unsigned gpu, memory;
};

}  // namespace

struct GpuWatch::Nvml {
  using Device = NvmlLibrary::Device;
  NvmlLibrary library;
  bool complete = false;
  int (*count)(unsigned*) = nullptr;
  int (*handle)(unsigned, Device*) = nullptr;
  int (*processes)(Device, unsigned*, Process*) = nullptr;
  int (*utilization)(Device, Utilization*) = nullptr;

  Nvml() {
    complete = library.started() && library.find(count, "nvmlDeviceGetCount_v2") &&
               library.find(handle, "nvmlDeviceGetHandleByIndex_v2") &&
               library.find(processes, "nvmlDeviceGetComputeRunningProcesses_v3") &&
               library.find(utilization, "nvmlDeviceGetUtilizationRates");
  }

  std::optional<GpuSample> look(unsigned index, const std::set<pid_t>& wanted) const {
    Device device = nullptr;
    std::array<Process, 256> running{};
    unsigned length = running.size();
    if (handle(index, &device) != NvmlLibrary::kSuccess ||
        processes(device, &length, running.data()) != NvmlLibrary::kSuccess)
      return std::nullopt;
    GpuSample sample{static_cast<int>(index), 0, 0};
    bool used = false;
    for (unsigned i = 0; i < length && i < running.size(); ++i) {
      if (!wanted.contains(static_cast<pid_t>(running[i].pid))) continue;
      used = true;
      if (running[i].used_memory != ~0ULL) sample.memory_bytes += running[i].used_memory;
    }
    if (!used) return std::nullopt;
    Utilization percent{};
    if (utilization(device, &percent) == NvmlLibrary::kSuccess)
      sample.utilization_percent = static_cast<int>(percent.gpu);
    return sample;
  }
};

GpuWatch::GpuWatch() : nvml_(std::make_unique<Nvml>()) {}
GpuWatch::~GpuWatch() = default;

std::vector<GpuSample> GpuWatch::look(const std::set<pid_t>& processes) {
  std::vector<GpuSample> samples;
  unsigned count = 0;
  if (!nvml_->complete || nvml_->count(&count) != NvmlLibrary::kSuccess) return samples;
  for (unsigned index = 0; index < count; ++index) {
    if (const auto sample = nvml_->look(index, processes)) samples.push_back(*sample);
  }
  return samples;
}

}  // namespace amltrain
