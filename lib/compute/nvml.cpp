#include "compute/nvml.hpp"

#include <array>

#include "compute/nvml_library.hpp"

namespace amltrain {
namespace {

struct Memory {  // nvmlMemory_t
  unsigned long long total, free, used;
};

class Nvml {
 public:
  Nvml() {
    complete_ = library_.started() && library_.find(count_, "nvmlDeviceGetCount_v2") &&
                library_.find(handle_, "nvmlDeviceGetHandleByIndex_v2") &&
                library_.find(name_, "nvmlDeviceGetName") &&
                library_.find(memory_, "nvmlDeviceGetMemoryInfo");
  }

  std::vector<Gpu> list() const {
    unsigned count = 0;
    std::vector<Gpu> gpus;
    if (!complete_ || count_(&count) != NvmlLibrary::kSuccess) return gpus;
    for (unsigned index = 0; index < count; ++index) {
      NvmlLibrary::Device device = nullptr;
      std::array<char, 96> name{};  // NVML_DEVICE_NAME_V2_BUFFER_SIZE
      Memory memory{};
      if (handle_(index, &device) != NvmlLibrary::kSuccess ||
          name_(device, name.data(), name.size() - 1) != NvmlLibrary::kSuccess)
        continue;
      // A MIG parent answers no memory question; its name is still worth showing.
      if (memory_(device, &memory) != NvmlLibrary::kSuccess) memory = {};
      gpus.push_back({static_cast<int>(index), name.data(), memory.total});
    }
    return gpus;
  }

 private:
  NvmlLibrary library_;
  bool complete_ = false;
  int (*count_)(unsigned*) = nullptr;
  int (*handle_)(unsigned, NvmlLibrary::Device*) = nullptr;
  int (*name_)(NvmlLibrary::Device, char*, unsigned) = nullptr;
  int (*memory_)(NvmlLibrary::Device, Memory*) = nullptr;
};

}  // namespace

std::vector<Gpu> list_gpus() { return Nvml().list(); }

}  // namespace amltrain
