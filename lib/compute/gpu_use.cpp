#include "compute/gpu_use.hpp"

#include <optional>

#include "compute/nvml_library.hpp"

namespace amltrain {
namespace {

struct Process {  // nvmlProcessInfo_t of nvmlDeviceGetComputeRunningProcesses_v2 and _v3
  unsigned pid;
  unsigned long long used_memory;  // ~0: not known
  unsigned gpu_instance, compute_instance;
};
constexpr int kInsufficientSize = 7;  // NVML_ERROR_INSUFFICIENT_SIZE
struct Utilization {                  // nvmlUtilization_t, percent
  unsigned gpu, memory;
};

}  // namespace

struct GpuWatch::Nvml {
  using Device = NvmlLibrary::Device;
  NvmlLibrary library;
  bool complete = false, knows_utilization = false;
  int (*count)(unsigned*) = nullptr;
  int (*handle)(unsigned, Device*) = nullptr;
  int (*list_processes)(Device, unsigned*, Process*) = nullptr;
  int (*utilization)(Device, Utilization*) = nullptr;

  Nvml() {
    complete = library.started() && library.find(count, "nvmlDeviceGetCount_v2") &&
               library.find(handle, "nvmlDeviceGetHandleByIndex_v2") &&
               (library.find(list_processes, "nvmlDeviceGetComputeRunningProcesses_v3") ||
                library.find(list_processes, "nvmlDeviceGetComputeRunningProcesses_v2"));  // before 510
    knows_utilization = library.find(utilization, "nvmlDeviceGetUtilizationRates");
  }

  unsigned devices() const {
    unsigned number = 0;
    return complete && count(&number) == NvmlLibrary::kSuccess ? number : 0;
  }

  /// Absent when the driver does not answer for the device.
  std::optional<std::vector<Process>> processes_on(Device device) const {
    std::vector<Process> running(64);
    for (int attempt = 0; attempt < 3; ++attempt) {
      auto length = static_cast<unsigned>(running.size());
      const int answer = list_processes(device, &length, running.data());
      if (answer == kInsufficientSize) {
        running.resize(length + 64);  // and those that start meanwhile
        continue;
      }
      if (answer != NvmlLibrary::kSuccess) return std::nullopt;
      running.resize(length);
      return running;
    }
    return std::nullopt;
  }

  std::optional<GpuSample> look(unsigned index, const std::set<pid_t>& wanted) const {
    Device device = nullptr;
    if (handle(index, &device) != NvmlLibrary::kSuccess) return std::nullopt;
    const auto running = processes_on(device);
    if (!running) return std::nullopt;
    GpuSample sample{static_cast<int>(index), 0, 0};
    bool used = false;
    for (const Process& process : *running) {
      if (!wanted.contains(static_cast<pid_t>(process.pid))) continue;
      used = true;
      if (process.used_memory != ~0ULL) sample.memory_bytes += process.used_memory;
    }
    if (!used) return std::nullopt;
    Utilization percent{};
    if (knows_utilization && utilization(device, &percent) == NvmlLibrary::kSuccess)
      sample.utilization_percent = static_cast<int>(percent.gpu);
    return sample;
  }
};

GpuWatch::GpuWatch() : nvml_(std::make_unique<Nvml>()) {}
GpuWatch::~GpuWatch() = default;

std::vector<GpuSample> GpuWatch::look(const std::set<pid_t>& processes) {
  std::vector<GpuSample> samples;
  const unsigned count = nvml_->devices();
  for (unsigned index = 0; index < count; ++index) {
    if (const auto sample = nvml_->look(index, processes)) samples.push_back(*sample);
  }
  return samples;
}

std::vector<GpuProcesses> GpuWatch::processes() const {
  std::vector<GpuProcesses> used;
  const unsigned count = nvml_->devices();
  for (unsigned index = 0; index < count; ++index) {
    NvmlLibrary::Device device = nullptr;
    if (nvml_->handle(index, &device) != NvmlLibrary::kSuccess) continue;
    const auto running = nvml_->processes_on(device);
    if (!running) continue;
    GpuProcesses use{static_cast<int>(index), {}};
    for (const Process& process : *running) use.processes.push_back(static_cast<pid_t>(process.pid));
    used.push_back(std::move(use));
  }
  return used;
}

}  // namespace amltrain
