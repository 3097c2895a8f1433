#include "engine/device/upload.hpp"

#include <ATen/ops/arange.h>
#include <ATen/ops/full_like.h>

#include <catch2/catch.hpp>

#include "gpu/gpu.hpp"

using namespace amltrain::engine;
using namespace amltrain::test;

TEST_CASE(
    "what is uploaded beside the computation arrives whole, though the host's memory is used again at once",
    "[gpu]") {
  Upload upload(kGpu.device);
  const at::Tensor host = at::empty({8, 3, 224, 224}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor busy = at::empty({2048, 2048}).uniform_(0, 1).to(kGpu.device);
  std::vector<at::Tensor> there;
  for (int batch = 0; batch < 20; ++batch) {
    for (int i = 0; i < 3; ++i) busy.mm(busy);  // the computing stream lags behind
    host.fill_(batch);
    there.push_back(upload(host).add(0.5));  // computed with at once, and freed while that is under way
  }
  for (int batch = 0; batch < 20; ++batch) {
    const at::Tensor& one = there[static_cast<std::size_t>(batch)];
    INFO("batch " << batch);
    CHECK(one.device() == kGpu.device);
    CHECK(one.is_contiguous(at::MemoryFormat::ChannelsLast));
    CHECK(distance(one, at::full_like(host, batch + 0.5)) == 0);
  }
}

TEST_CASE("labels and images are uploaded as a plain copy would be", "[gpu]") {
  Upload upload(kGpu.device);
  const at::Tensor images =
      at::empty({5, 3, 40, 40}).uniform_(-1, 1).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor labels = at::arange(5, at::kLong);
  CHECK(upload(images).equal(images.to(kGpu.device)));
  CHECK(upload(labels).equal(labels.to(kGpu.device)));
}
