#include "engine/nn/folded.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/nn/pool.hpp"
#include "engine/torch.hpp"

using namespace amltrain::engine;

namespace {

constexpr int kSide = 64;

at::Tensor noise(int count) { return at::empty({count, 3, kSide, kSide}).normal_(); }

/// With scales, shifts and running statistics that are not 1 and 0.
ResNet moved_model(const char* arch) {
  ResNet model(find_resnet_spec(arch), 3, 1, {at::kCPU, at::MemoryFormat::ChannelsLast});
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : model.state().entries) {
    if (name.ends_with("running_var") || (tensor.dim() == 1 && name.ends_with(".weight")))
      tensor.uniform_(0.5, 1.0);
    else if (tensor.dim() == 1 && name.starts_with("fc.") == false)
      tensor.uniform_(-0.2, 0.2);
  }
  model.set_training(false);
  return model;
}

at::Tensor plain_logits(const ResNet& model, const at::Tensor& images) {
  const at::NoGradGuard no_grad;
  return model.forward(images);
}

double distance(const at::Tensor& ours, const at::Tensor& expected) {
  return ours.sub(expected).abs().max().item<double>() / expected.abs().max().item<double>();
}

}  // namespace

TEST_CASE("a folded network computes what the network does", "[engine][nn]") {
  for (const char* arch : {"resnet18", "resnet50", "resnext50_32x4d"}) {
    INFO(arch);
    const ResNet model = moved_model(arch);
    const at::Tensor images = noise(4), expected = plain_logits(model, images);
    const at::Tensor ours = FoldedNetwork(model, at::kFloat, kSide, 4).logits(images);
    CHECK(ours.scalar_type() == at::kFloat);
    CHECK(distance(ours, expected) < 1e-5);
    CHECK(distance(FoldedNetwork(model, at::kBFloat16, kSide, 4).logits(images), expected) < 0.05);
  }
}

TEST_CASE("an image's features and logits do not depend on the images around it, to the bit",
          "[engine][nn]") {
  const at::ScalarType compute = GENERATE(at::kFloat, at::kBFloat16);
  const FoldedNetwork folded(moved_model("resnet18"), compute, kSide, 4);
  const at::Tensor images = noise(11), all = folded.features(images), logits = folded.logits(images);
  CHECK(all.size(0) == 11);
  for (const int count : {1, 3, 4, 7}) {
    INFO(count);
    CHECK(folded.features(images.narrow(0, 11 - count, count)).equal(all.narrow(0, 11 - count, count)));
    CHECK(folded.logits(images.narrow(0, 11 - count, count)).equal(logits.narrow(0, 11 - count, count)));
  }
}

TEST_CASE("a folded network keeps the weights that it was made from", "[engine][nn]") {
  const ResNet model = moved_model("resnet18");
  const at::Tensor images = noise(2);
  const FoldedNetwork folded(model, at::kFloat, kSide, 2);
  const at::Tensor before = folded.logits(images);
  {
    const at::NoGradGuard no_grad;
    for (const auto& [name, tensor] : model.state().entries)
      if (tensor.is_floating_point()) tensor.mul_(1.5);
  }
  CHECK(folded.logits(images).equal(before));
  CHECK_FALSE(FoldedNetwork(model, at::kFloat, kSide, 2).logits(images).equal(before));
}

TEST_CASE("a weight that is no number shows in the folded network's logits", "[engine][nn]") {
  const ResNet model = moved_model("resnet18");
  {
    const at::NoGradGuard no_grad;
    model.state().find("layer1.0.conv1.weight")->fill_(std::nan(""));
  }
  CHECK(FoldedNetwork(model, at::kFloat, kSide, 1).logits(noise(1)).isnan().all().item<bool>());
}

TEST_CASE("the pooling of a ReLU's output is max_pool2d", "[engine][nn]") {
  const at::ScalarType type = GENERATE(at::kFloat, at::kBFloat16);
  for (const int height : {1, 2, 7, 12})
    for (const int width : {1, 2, 5, 16}) {
      INFO(height << " x " << width);
      const at::Tensor x = at::empty({2, 24, height, width})
                               .normal_()
                               .relu_()
                               .to(type)
                               .contiguous(at::MemoryFormat::ChannelsLast);
      CHECK(max_pool_of_relu(x).equal(at::max_pool2d(x, 3, 2, 1)));
    }
}

TEST_CASE("the gradient of that pooling is max_pool2d's, of equal values to the first", "[engine][nn]") {
  const at::ScalarType type = GENERATE(at::kFloat, at::kBFloat16);
  for (const int height : {1, 2, 7, 12})
    for (const int width : {1, 2, 5, 16}) {
      INFO(height << " x " << width);
      // Few different values: many windows have several that are the largest.
      const at::Tensor x = at::empty({2, 24, height, width})
                               .uniform_(-2, 4)
                               .relu_()
                               .round_()
                               .to(type)
                               .contiguous(at::MemoryFormat::ChannelsLast);
      const at::Tensor exact = x.to(at::kDouble).set_requires_grad(true), pooled = max_pool_of_relu(x);
      const at::Tensor gradient =
          at::empty(pooled.sizes()).uniform_(-1, 1).to(type).contiguous(at::MemoryFormat::ChannelsLast);
      at::max_pool2d(exact, 3, 2, 1).backward(gradient.to(at::kDouble));
      const at::Tensor got = max_pool_of_relu_backward(x, pooled, gradient);
      const double rounding = type == at::kFloat ? 1e-6 : 1e-2;  // of sums up to 4
      CHECK(got.sub(exact.grad()).abs().max().item<double>() < 2 * rounding);
    }
}
