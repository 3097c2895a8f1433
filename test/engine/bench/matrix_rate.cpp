#include <ATen/ops/mm.h>

#include <algorithm>

#include "engine/torch.hpp"
#include "engine/train/numerics.hpp"
#include "rates.hpp"
#include "spent.hpp"

namespace amltrain::bench {
namespace {

double best_gflop_per_second(std::int64_t size, at::ScalarType type, int times) {
  const at::Tensor a = at::zeros({size, size}, at::kFloat).uniform_(-1, 1).to(type);
  const at::Tensor b = at::zeros({size, size}, at::kFloat).uniform_(-1, 1).to(type);
  const double gflop =
      2e-9 * static_cast<double>(size) * static_cast<double>(size) * static_cast<double>(size);
  double best = 0;
  for (int i = 0; i <= times; ++i) {  // the first also finds its memory
    const Stopwatch watch;
    const at::Tensor product = at::mm(a, b);
    best = std::max(best, gflop / watch.stop(0).seconds);
  }
  return best;
}

}  // namespace

json matrix_rate(const Settings& settings) {
  const c10::InferenceMode inference;
  const engine::Numerics numerics = engine::choose_numerics(settings.train);
  double best = 0;
  json sizes = json::array();
  for (const std::int64_t size : {512, 1024, 2048, 4096}) {
    const double rate =
        best_gflop_per_second(size, numerics.bf16 ? at::kBFloat16 : at::kFloat, size < 2048 ? 40 : 5);
    best = std::max(best, rate);
    sizes.push_back({{"size", size}, {"gflop_per_second", rate}});
  }
  return {{"precision", numerics.bf16 ? "bf16" : "fp32"},
          {"threads", numerics.threads},
          {"gflop_per_second", best},
          {"sizes", std::move(sizes)}};
}

}  // namespace amltrain::bench
