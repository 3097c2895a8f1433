#include "engine/train/out_of_memory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "engine/torch.hpp"
#include "engine/train/sgd.hpp"
#include "engine/train/step.hpp"
#include "support/process.hpp"

using namespace amltrain;
using namespace amltrain::engine;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kBounded = false;  // the sanitizers' own memory counts too, and theirs ends the process
#else
constexpr bool kBounded = true;
#endif

rlim_t address_space_in_use() {
  std::ifstream file("/proc/self/statm");
  rlim_t pages = 0;
  file >> pages;
  return pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

constexpr int kImages = 128;
constexpr rlim_t kRoom = rlim_t{400} << 20;  // bytes: enough for about 30 of them at a time

}  // namespace

// Run by the next one in a process of its own, whose memory it bounds; hidden, so never run otherwise.
TEST_CASE("child: a step in little memory", "[.][out-of-memory-child]") {
  const Placement placement{at::kCPU, at::MemoryFormat::ChannelsLast};
  const ResNet model(find_resnet_spec("resnet18"), 2, 1, placement);
  Sgd optimiser({{model.trainable()}}, 0.9);
  Step step(model, optimiser, {});
  const auto batch = [](int count) {
    return at::empty({count, 3, 96, 96}).uniform_(-1, 1).contiguous(at::MemoryFormat::ChannelsLast);
  };
  const at::Tensor large = batch(kImages);
  step.add(batch(8), {at::zeros({8}, at::kLong)});
  step.finish(0.001);
  const rlim_t limit = address_space_in_use() + kRoom;
  const rlimit bound{limit, limit};
  REQUIRE(setrlimit(RLIMIT_AS, &bound) == 0);
  const Outcome outcome = step.add(large, {at::zeros({kImages}, at::kLong)});
  step.finish(0.001);
  CHECK(outcome.images == kImages);
  CHECK(std::isfinite(outcome.loss.item<double>()));
  CHECK(step.micro_batch() < kImages);
}

TEST_CASE("a batch that memory is too small for is computed in parts", "[engine][train]") {
  if (!kBounded) return;
  Command child;
  child.arguments = {own_executable().string(), "[out-of-memory-child]"};
  const ExitStatus status = wait_for(start_process(child));
  INFO("the child ended with " << describe(status));
  CHECK(status.ok());
}

TEST_CASE("what is no lack of memory is not taken for one", "[engine][train]") {
  CHECK(is_out_of_memory(std::bad_alloc()));
  CHECK_FALSE(is_out_of_memory(std::runtime_error("expected a tensor")));
}
