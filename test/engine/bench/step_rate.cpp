#include "rates.hpp"
#include "spent.hpp"
#include "trained.hpp"

namespace amltrain::bench {

json step_rate(const Settings& settings) {
  Trained trained(settings.train, 2);
  for (int i = 0; i < 6; ++i)
    trained.step();  // kernels are chosen, memory is taken, a CUDA graph is recorded
  trained.wait();
  const Stopwatch watch;
  for (int i = 0; i < settings.steps; ++i) trained.step();
  trained.wait();
  json document = watch.stop(std::int64_t{settings.steps} * settings.train.batch_size).document();
  document["precision"] = trained.numerics().bf16 ? "bf16" : "fp32";
  document["threads"] = trained.numerics().threads;
  return document;
}

}  // namespace amltrain::bench
