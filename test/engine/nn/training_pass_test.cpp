// What is written out must be what autograd finds out.
#include "engine/nn/training_pass.hpp"

#include <ATen/autocast_mode.h>

#include <catch2/catch.hpp>

#include "engine/torch.hpp"

using namespace amltrain::engine;

namespace {

const Placement kChannelsLast{at::kCPU, at::MemoryFormat::ChannelsLast};

at::Tensor images() {
  at::manual_seed(1);
  return at::empty({6, 3, 64, 64}).uniform_(-1, 1).contiguous(at::MemoryFormat::ChannelsLast);
}

/// The float logits of autograd's pass, under autocast for `compute` == bfloat16.
at::Tensor autograd_logits(const ResNet& model, const at::Tensor& batch, at::ScalarType compute) {
  const bool cast = compute == at::kBFloat16;
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  at::autocast::set_autocast_enabled(at::kCPU, cast);
  const at::Tensor logits = model.forward(batch).to(at::kFloat);
  at::autocast::set_autocast_enabled(at::kCPU, false);
  at::autocast::clear_cache();
  return logits;
}

/// Runs a pass and its backward for a loss of mean(logits * slope).
void run_autograd(const ResNet& model, const at::Tensor& batch, at::ScalarType compute,
                  const at::Tensor& slope) {
  autograd_logits(model, batch, compute).mul(slope).sum().backward();
}
void run_written(const ResNet& model, const at::Tensor& batch, at::ScalarType compute,
                 const at::Tensor& slope) {
  TrainingPass pass(model, compute);
  pass.forward(batch);
  pass.backward(slope);
}

double distance(const at::Tensor& got, const at::Tensor& truth) {
  const at::Tensor wide = truth.to(at::kDouble);
  const double size = wide.norm().item<double>();
  return got.to(at::kDouble).sub(wide).norm().item<double>() / (size > 0 ? size : 1);
}

}  // namespace

TEST_CASE("the written-out pass has autograd's gradients and running statistics", "[engine][nn]") {
  const char* arch = GENERATE("resnet18", "resnet50", "resnext50_32x4d");
  const at::ScalarType compute = GENERATE(at::kFloat, at::kBFloat16);
  const bool frozen = GENERATE(false, true);
  INFO(arch << " in " << compute << (frozen ? ", frozen" : ""));
  const auto fresh = [&] {
    ResNet model(find_resnet_spec(arch), 5, 1, kChannelsLast);
    if (frozen) model.freeze_backbone();
    return model;
  };
  const ResNet exact = fresh(), theirs = fresh(), ours = fresh();
  for (const auto& [name, tensor] : exact.state().entries)
    if (tensor.is_floating_point()) at::Tensor(tensor).set_data(tensor.detach().to(at::kDouble));
  const at::Tensor batch = images(), slope = at::empty({6, 5}).uniform_(-1, 1);
  for (int i = 0; i < 2; ++i) {  // the second adds to the gradients of the first
    run_autograd(exact, batch.to(at::kDouble), at::kDouble, slope);
    run_autograd(theirs, batch, compute, slope);
    run_written(ours, batch, compute, slope);
  }
  // Where a ReLU's input is near 0, rounding decides: a flip moves all gradients below it.
  double their_errors = 0, our_errors = 0;
  for (std::size_t i = 0; i < exact.state().entries.size(); ++i) {
    const auto& [name, truth] = exact.state().entries[i];
    const at::Tensor &their = theirs.state().entries[i].second, &our = ours.state().entries[i].second;
    INFO(name);
    REQUIRE(our.grad().defined() == their.grad().defined());
    if (our.grad().defined()) {
      CHECK(our.grad().strides() == their.grad().strides());
      their_errors += distance(their.grad(), truth.grad());
      const double error = distance(our.grad(), truth.grad());
      our_errors += error;
      if (compute == at::kFloat) CHECK(error < 0.1);
    }
    their_errors += distance(their.detach(), truth.detach());
    our_errors += distance(our.detach(), truth.detach());
  }
  CHECK(our_errors < 2 * their_errors + 0.05);
}

TEST_CASE("the written-out pass gives the same bytes each time", "[engine][nn]") {
  const at::Tensor batch = images(), slope = at::empty({6, 5}).uniform_(-1, 1);
  const ResNet one(find_resnet_spec("resnet18"), 5, 1, kChannelsLast);
  const ResNet other(find_resnet_spec("resnet18"), 5, 1, kChannelsLast);
  run_written(one, batch, at::kBFloat16, slope);
  run_written(other, batch, at::kBFloat16, slope);
  for (std::size_t i = 0; i < one.trainable().size(); ++i)
    CHECK(one.trainable()[i].grad().equal(other.trainable()[i].grad()));
}
