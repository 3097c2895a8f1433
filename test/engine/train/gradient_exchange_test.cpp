#include "engine/train/gradient_exchange.hpp"

#include <ATen/ops/full_like.h>
#include <ATen/ops/ones.h>

#include <atomic>
#include <catch2/catch.hpp>

#include "engine/parallel/join.hpp"
#include "engine/parallel/together.hpp"
#include "engine/torch.hpp"
#include "support/error.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

const std::function<bool()> never = [] { return false; };

struct Model {
  std::vector<at::Tensor> parameters;
  Model() {
    for (const std::int64_t size :
         {3, 700'000, 5, 300'000})  // the last two fill a bucket of 1 MiB, not whole
      parameters.push_back(at::ones({size}).set_requires_grad(true));
  }
  /// d loss / d parameter i is factor * (i + 1).
  void learn(double factor) const {
    at::Tensor loss = at::zeros({});
    for (std::size_t i = 0; i < parameters.size(); ++i)
      loss = loss.add(parameters[i].sum().mul(factor * static_cast<double>(i + 1)));
    loss.backward();
  }
  bool has_gradients(double factor) const {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const at::Tensor& gradient = parameters[i].grad();
      if (!gradient.equal(at::full_like(gradient, factor * static_cast<double>(i + 1)))) return false;
    }
    return true;
  }
  void forget() const {
    for (const at::Tensor& parameter : parameters) parameter.mutable_grad().reset();
  }
};

}  // namespace

TEST_CASE("gradients are summed over the ranks, whoever has some and whenever they are ready",
          "[engine][train]") {
  const std::int64_t bucket_bytes = GENERATE(0, 1, 1 << 20);
  CAPTURE(bucket_bytes);
  std::atomic<int> right = 0;
  together(3, [&](const RankPlace& place) {
    const auto ranks = join_ranks(place, never);
    const Model model;
    GradientExchange exchange(model.parameters, *ranks, {.bucket_bytes = bucket_bytes});
    const auto step = [&](bool learns, bool meanwhile, double expected) {
      if (meanwhile) exchange.begin();
      if (learns) model.learn(place.rank + 1);
      exchange.finish();
      right += model.has_gradients(expected);
      model.forget();
    };
    step(true, true, 6);
    step(place.rank != 1, place.rank == 0, 4);  // one has none, one exchanges what it has at the end
    if (place.rank == 2) {                      // a second batch's are added to the first one's
      model.learn(10);
      exchange.begin();
    }
    step(true, false, 16);
  });
  CHECK(right == 9);
}

TEST_CASE("a bucket is exchanged before the backward pass is over", "[engine][train]") {
  std::atomic<int> summed = 0;
  together(2, [&](const RankPlace& place) {
    const auto ranks = join_ranks(place, never);
    const Model model;
    GradientExchange exchange(model.parameters, *ranks, {.bucket_bytes = 1});
    exchange.begin();
    const at::Tensor& last = model.parameters.back();
    last.mutable_grad() = at::full_like(last, 2).set_requires_grad(false);
    exchange.ready(last);
    const auto is_summed = [&] { return last.grad()[0].item<float>() == 4; };
    for (int i = 0; i < 500 && !is_summed(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    summed += is_summed();
    exchange.finish();
  });
  CHECK(summed == 2);
}

TEST_CASE("what goes wrong in the exchange is thrown to who waits for it", "[engine][train]") {
  std::atomic<bool> over = false;
  CHECK_THROWS_WITH(together(2,
                             [&](const RankPlace& place) {
                               const std::function<bool()> stop = [&] { return over.load(); };
                               const auto ranks = join_ranks(place, stop);
                               const Model model;
                               GradientExchange exchange(model.parameters, *ranks, {.bucket_bytes = 1});
                               if (place.rank == 1) {
                                 over = true;
                                 return;
                               }
                               exchange.begin();
                               model.learn(1);
                               exchange.finish();
                             }),
                    Catch::Contains("stopped while it waited for the other ranks"));
}
