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
constexpr int kSuccess = 0;  // NVML_SUCCESS

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
  }
  ~Nvml() {
    if (started_) shutdown_();
  }
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  std::vector<Gpu> list() const {
    unsigned count = 0;
    std::vector<Gpu> gpus;
    if (!started_ || count_(&count) != kSuccess) return gpus;
    for (unsigned index = 0; index < count; ++index) {
      Device device = nullptr;
      std::array<char, 96> name{};  // NVML_DEVICE_NAME_V2_BUFFER_SIZE
      Memory memory{};
      if (handle_(index, &device) != kSuccess || name_(device, name.data(), name.size() - 1) != kSuccess)
        continue;
      // A MIG parent answers no memory question; its name is still worth showing.
      if (memory_(device, &memory) != kSuccess) memory = {};
      gpus.push_back({static_cast<int>(index), name.data(), memory.total});
    }
    return gpus;
  }

 private:
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
};

}  // namespace

std::vector<Gpu> list_gpus() { return Nvml().list(); }

}  // namespace amltrain
