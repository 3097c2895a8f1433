// NVIDIA's management library, opened where the driver has put it. It belongs to the driver, so it is neither
// linked nor needed to build; its C interface is stable (NVML API Reference Guide).
#pragma once

#include "support/shared_library.hpp"

namespace amltrain {

class NvmlLibrary {
 public:
  using Device = void*;               // nvmlDevice_t
  static constexpr int kSuccess = 0;  // NVML_SUCCESS

  /// Opens and starts it; without a driver nothing is found in it.
  NvmlLibrary() : library_("libnvidia-ml.so.1", "libnvidia-ml1") {
    int (*start)() = nullptr;
    if (find(start, "nvmlInit_v2") && find(shutdown_, "nvmlShutdown")) started_ = start() == kSuccess;
  }
  ~NvmlLibrary() {
    if (started_) shutdown_();
  }
  NvmlLibrary(const NvmlLibrary&) = delete;
  NvmlLibrary& operator=(const NvmlLibrary&) = delete;

  bool started() const { return started_; }

  /// True when the library has the function.
  template <typename Function>
  bool find(Function*& function, const char* name) const {
    return library_.find(function, name);
  }

 private:
  SharedLibrary library_;
  int (*shutdown_)() = nullptr;
  bool started_ = false;
};

}  // namespace amltrain
