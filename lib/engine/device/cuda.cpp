#include "engine/device/cuda.hpp"

#include <ATen/cuda/CUDAGraph.h>
#include <c10/core/StreamGuard.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>

namespace amltrain::engine {
namespace {

class Graph final : public RecordedWork {
 public:
  Graph(const at::Device& device, const std::function<void()>& work) {
    // CUDA records no default stream. (Not the guard of CUDAGuard.h, which wants libcudart.)
    const c10::StreamGuard on_stream(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index()));
    // The work of all other streams ends first, since its memory is read; what it no longer needs is given
    // back, since the recording takes memory of its own.
    c10::cuda::device_synchronize();
    c10::cuda::CUDACachingAllocator::emptyCache();
    graph_.capture_begin();
    try {
      work();
    } catch (...) {
      abandon();
      throw;
    }
    graph_.capture_end();
  }

  void run() override { graph_.replay(); }

 private:
  /// The stream must leave the recording, whatever became of it.
  void abandon() {
    try {
      graph_.capture_end();
    } catch (const c10::Error&) {  // the recording was spoiled: what spoiled it is thrown instead
    }
  }

  at::cuda::CUDAGraph graph_;
};

}  // namespace

bool built_with_cuda() { return true; }

std::unique_ptr<RecordedWork> record_work(const at::Device& device, const std::function<void()>& work) {
  return std::make_unique<Graph>(device, work);
}

}  // namespace amltrain::engine
