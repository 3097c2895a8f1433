#include "engine/train/options.hpp"

#include <catch2/catch.hpp>

#include "engine/train/numerics.hpp"
#include "support/error.hpp"

using namespace amltrain;
using namespace amltrain::engine;

namespace {

template <typename Change>
std::string refusal(Change&& change) {
  TrainOptions options;
  change(options);
  try {
    check_options(options);
  } catch (const Error& problem) {
    CHECK(problem.kind() == category::bad_input);
    CHECK_FALSE(problem.hint().empty());
    return problem.what();
  }
  return "";
}

Error device_refusal(const std::string& device) {
  TrainOptions options;
  options.device = device;
  try {
    choose_numerics(options);
  } catch (const Error& problem) {
    return problem;
  }
  return Error(category::internal, "accepted");
}

}  // namespace

TEST_CASE("the tutorial's defaults can be trained with", "[engine][train]") {
  CHECK(refusal([](TrainOptions&) {}).empty());
}

TEST_CASE("options that can't be trained with are refused by name", "[engine][train]") {
  using Options = TrainOptions&;
  CHECK_THAT(refusal([](Options o) { o.epochs = 0; }), Catch::Contains("--num-epochs 0"));
  CHECK_THAT(refusal([](Options o) { o.batch_size = -1; }), Catch::Contains("--batch-size -1"));
  CHECK_THAT(refusal([](Options o) { o.workers = -1; }), Catch::Contains("--workers"));
  CHECK_THAT(refusal([](Options o) { o.learning_rate = 0; }), Catch::Contains("--learning-rate"));
  CHECK_THAT(refusal([](Options o) { o.learning_rate = std::nan(""); }), Catch::Contains("--learning-rate"));
  CHECK_THAT(refusal([](Options o) { o.momentum = 1; }), Catch::Contains("--momentum"));
  CHECK_THAT(refusal([](Options o) { o.lr_step = 0; }), Catch::Contains("--lr-step"));
  CHECK_THAT(refusal([](Options o) { o.lr_gamma = 0; }), Catch::Contains("--lr-gamma"));
  CHECK_THAT(refusal([](Options o) { o.cache_memory = -1; }), Catch::Contains("--cache-memory"));
  CHECK_THAT(refusal([](Options o) { o.threads = -2; }), Catch::Contains("--threads"));
  CHECK_THAT(refusal([](Options o) { o.image_size = 32; }), Catch::Contains("--image-size"));
  CHECK_THAT(refusal([](Options o) { o.resize_size = 200; }), Catch::Contains("--resize-size"));
  CHECK_THAT(refusal([](Options o) { o.log_every = 0; }), Catch::Contains("--log-every"));
  CHECK_THAT(refusal([](Options o) { o.cuda_graph = true, o.mixup = 1; }), Catch::Contains("--mixup"));
  CHECK_THAT(refusal([](Options o) { o.cuda_graph = true, o.grad_accum = 2; }),
             Catch::Contains("--grad-accum"));
}

TEST_CASE("a device that is none is bad input", "[engine][train]") {
  for (const char* device : {"", "gpu", "cuda:", "cuda:x", "cuda:1000", "CPU"}) {
    INFO(device);
    CHECK(device_refusal(device).kind() == category::bad_input);
  }
}

TEST_CASE("a CUDA device that is not there is a fault of the environment", "[engine][train]") {
  CHECK(device_refusal("cuda:63").kind() == category::environment);
}

TEST_CASE("the precision is what was asked for, or what the processor multiplies in hardware",
          "[engine][train]") {
  TrainOptions options;
  options.device = "cpu";
  CHECK(choose_numerics(options).bf16 == cpu_bf16().has_value());
  options.precision = Precision::fp32;
  CHECK_FALSE(choose_numerics(options).bf16);
  options.precision = Precision::bf16;
  CHECK(choose_numerics(options).bf16);
  options.precision = Precision::fp16;
  CHECK(choose_numerics(options).compute() == at::kHalf);
  CHECK(choose_numerics(options).precision() == "fp16");
}
