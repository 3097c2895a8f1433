#include "compute/nvml.hpp"

#include <dlfcn.h>

#include <array>
#include <cstdint>
#include <memory>

// The few calls of NVIDIA's NVML API reference that an inventory needs, by their stable C interface: the
// library belongs to the driver, so it is opened when there and neither linked nor needed to build.
namespace amltrain {
namespace {

using Device = void*;  // nvmlDevice_t
struct Memory {        // nvmlMemory_t
  unsigned long long total, free, used;
};
struct ProcessInfo {  // nvmlProcessInfo_t of nvmlDeviceGetComputeRunningProcesses_v2 and _v3
  unsigned pid;
  unsigned long long used;
  unsigned gpu_instance, compute_instance;
};
constexpr int kSuccess = 0;           // NVML_SUCCESS
constexpr int kInsufficientSize = 7;  // NVML_ERROR_INSUFFICIENT_SIZE

struct CloseLibrary {
  void operator()(void* handle) const { dlclose(handle); }
};

class Nvml {
 public:
  Nvml() : library_(dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL)) {
    started_ = load(init_, "nvmlInit_v2") && load(shutdown_, "nvmlShutdown") &&
               load(count_, "nvmlDeviceGetCount_v2") && load(handle_, "nvmlDeviceGetHandleByIndex_v2") &&
               load(name_, "nvmlDeviceGetName") && load(memory_, "nvmlDeviceGetMemoryInfo") &&
               init_() == kSuccess;
    // Drivers before 510 have _v2 alone.
    if (started_ && !load(processes_, "nvmlDeviceGetComputeRunningProcesses_v3"))
      load(processes_, "nvmlDeviceGetComputeRunningProcesses_v2");
  }
  ~Nvml() {
    if (started_) shutdown_();
  }
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  std::vector<Gpu> list() const {
    std::vector<Gpu> gpus;
    for_each([&](int index, Device device) {
      std::array<char, 96> name{};  // NVML_DEVICE_NAME_V2_BUFFER_SIZE
      Memory memory{};
      if (name_(device, name.data(), name.size() - 1) != kSuccess) return;
      // A MIG parent answers no memory question; its name is still worth showing.
      if (memory_(device, &memory) != kSuccess) memory = {};
      gpus.push_back({index, name.data(), memory.total});
    });
    return gpus;
  }

  std::vector<GpuUse> use() const {
    std::vector<GpuUse> used;
    for_each([&](int index, Device device) { used.push_back({index, processes_on(device)}); });
    return used;
  }

 private:
  template <typename Visit>
  void for_each(const Visit& visit) const {
    unsigned count = 0;
    if (!started_ || count_(&count) != kSuccess) return;
    for (unsigned index = 0; index < count; ++index) {
      Device device = nullptr;
      if (handle_(index, &device) == kSuccess) visit(static_cast<int>(index), device);
    }
  }

  std::vector<pid_t> processes_on(Device device) const {
    if (processes_ == nullptr) return {};
    std::vector<ProcessInfo> infos(64);
    for (int attempt = 0; attempt < 3; ++attempt) {
      auto count = static_cast<unsigned>(infos.size());
      const int answer = processes_(device, &count, infos.data());
      if (answer == kInsufficientSize) {
        infos.resize(count + 64);  // and those that start meanwhile
        continue;
      }
      if (answer != kSuccess) return {};
      std::vector<pid_t> pids;
      for (unsigned i = 0; i < count; ++i) pids.push_back(static_cast<pid_t>(infos[i].pid));
      return pids;
    }
    return {};
  }

  template <typename Function>
  bool load(Function*& function, const char* name) {
    if (library_ != nullptr) function = reinterpret_cast<Function*>(dlsym(library_.get(), name));
    return function != nullptr;
  }

  std::unique_ptr<void, CloseLibrary> library_;
  bool started_ = false;
  int (*init_)() = nullptr;
  int (*shutdown_)() = nullptr;
  int (*count_)(unsigned*) = nullptr;
  int (*handle_)(unsigned, Device*) = nullptr;
  int (*name_)(Device, char*, unsigned) = nullptr;
  int (*memory_)(Device, Memory*) = nullptr;
  int (*processes_)(Device, unsigned*, ProcessInfo*) = nullptr;
};

}  // namespace

std::vector<Gpu> list_gpus() { return Nvml().list(); }

std::vector<GpuUse> list_gpu_use() { return Nvml().use(); }

}  // namespace amltrain
