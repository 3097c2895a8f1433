// What CUDA alone has. Two files give it, and a build compiles one of them: cuda.cpp where AMLTRAIN_CUDA is
// on, without_cuda.cpp elsewhere. All other code of the engine is the same in both, and finds the device at
// run time.
#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <memory>

namespace amltrain::engine {

/// True when the engine is linked with libtorch_cuda; there may be no device all the same.
bool built_with_cuda();

/// Work that was recorded once and is launched as a whole: a CUDA graph.
class RecordedWork {
 public:
  RecordedWork() = default;
  virtual ~RecordedWork() = default;
  RecordedWork(const RecordedWork&) = delete;
  RecordedWork& operator=(const RecordedWork&) = delete;

  /// Starts it on the current stream, on the memory that it was recorded with. Returns at once.
  virtual void run() = 0;
};

/// Records what `work` asks of `device`, without doing it. Tensors that `work` makes lie in memory that the
/// recording keeps; it may not look at values. `work` must have been done a few times before, so that cuDNN
/// has chosen its kernels. Throws Error{environment} in a build without CUDA.
std::unique_ptr<RecordedWork> record_work(const at::Device& device, const std::function<void()>& work);

}  // namespace amltrain::engine
