#include "engine/train/sgd.hpp"

#include <catch2/catch.hpp>

#include "engine/torch.hpp"

using namespace amltrain::engine;

namespace {

/// The gradient of `slope` times the parameter is `slope`.
void step(Sgd& optimiser, const at::Tensor& parameter, double slope, double learning_rate) {
  optimiser.zero_grad();
  parameter.mul(slope).sum().backward();
  optimiser.step(learning_rate);
}

}  // namespace

TEST_CASE("momentum carries the gradients of earlier steps", "[engine][train]") {
  const at::Tensor parameter = at::zeros({1}).fill_(1).set_requires_grad(true);
  Sgd optimiser({{{parameter}}}, 0.9);
  step(optimiser, parameter, 2, 0.1);  // v = 2
  CHECK(parameter.item<double>() == Approx(0.8));
  step(optimiser, parameter, 1, 0.1);  // v = 0.9 * 2 + 1 = 2.8
  CHECK(parameter.item<double>() == Approx(0.52));
  step(optimiser, parameter, 0, 1);  // v = 2.52, at another learning rate
  CHECK(parameter.item<double>() == Approx(-2));
}

TEST_CASE("without momentum a step is the gradient's alone", "[engine][train]") {
  const at::Tensor parameter = at::zeros({1}).fill_(1).set_requires_grad(true);
  Sgd optimiser({{{parameter}}}, 0);
  step(optimiser, parameter, 2, 0.1);
  step(optimiser, parameter, 1, 0.1);
  CHECK(parameter.item<double>() == Approx(0.7));
}
