#include "engine/train/out_of_memory.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "engine/torch.hpp"
#include "engine/train/sgd.hpp"
#include "engine/train/step.hpp"

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

enum Verdict { fine, never_short, failed };

/// In a process that has `room` bytes more than it uses after a first small step.
Verdict step_within(rlim_t room, int images) {
  try {
    const Placement placement{at::kCPU, at::MemoryFormat::ChannelsLast};
    const ResNet model(find_resnet_spec("resnet18"), 2, 1, placement);
    Sgd optimiser({{model.trainable()}}, 0.9);
    Step step(model, optimiser, {});
    const auto batch = [](int count) {
      return at::empty({count, 3, 96, 96}).uniform_(-1, 1).contiguous(at::MemoryFormat::ChannelsLast);
    };
    const at::Tensor large = batch(images), labels = at::zeros({images}, at::kLong);
    step.add(batch(8), {at::zeros({8}, at::kLong)});
    step.finish(0.001);
    const rlim_t limit = address_space_in_use() + room;
    const rlimit bound{limit, limit};
    if (setrlimit(RLIMIT_AS, &bound) != 0) return failed;
    const Outcome outcome = step.add(large, {labels});
    step.finish(0.001);
    if (outcome.images != images || !std::isfinite(outcome.loss.item<double>())) return failed;
    return step.micro_batch() < images ? fine : never_short;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s\n", problem.what());
    return failed;
  }
}

}  // namespace

TEST_CASE("a batch that memory is too small for is computed in parts", "[engine][train]") {
  if (!kBounded) return;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(step_within(rlim_t{400} << 20, 128));
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == fine);
}

TEST_CASE("what is no lack of memory is not taken for one", "[engine][train]") {
  CHECK(is_out_of_memory(std::bad_alloc()));
  CHECK_FALSE(is_out_of_memory(std::runtime_error("expected a tensor")));
}
