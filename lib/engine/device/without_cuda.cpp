#include "engine/device/cuda.hpp"
#include "support/error.hpp"

namespace amltrain::engine {

bool built_with_cuda() { return false; }

std::unique_ptr<RecordedWork> record_work(const at::Device& /*device*/,
                                          const std::function<void()>& /*work*/) {
  throw Error(category::environment, "CUDA graphs: this build of the engine has no CUDA",
              "build with the cuda preset, or leave out --cuda-graph");
}

}  // namespace amltrain::engine
