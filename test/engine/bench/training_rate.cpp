#include <algorithm>
#include <vector>

#include "engine/train/loading.hpp"
#include "rates.hpp"
#include "spent.hpp"
#include "trained.hpp"

namespace amltrain::bench {
namespace {

/// CPU time of the threads that were started since `before`.
class StartedThreads {
 public:
  explicit StartedThreads(const std::set<int>& before) {
    const std::set<int> now = threads_now();
    std::ranges::set_difference(now, before, std::back_inserter(threads_));
  }
  double cpu_seconds() const {
    double sum = 0;
    for (const int thread : threads_) sum += thread_cpu_seconds(thread);
    return sum;
  }

 private:
  std::vector<int> threads_;
};

}  // namespace

json training_rate(const Settings& settings) {
  const ImageFolder folder = scan_image_folder(settings.train.data);
  Trained trained(settings.train, static_cast<std::int64_t>(folder.classes.size()));
  for (int i = 0; i < 3; ++i)
    trained.step();  // starts the step's own threads before the loader's are told apart
  const std::set<int> before = threads_now();
  engine::Loader loader(folder, folder.train, engine::View::train,
                        engine::train_loading(settings.train, trained.numerics(), folder));
  const StartedThreads input(before);

  json real = json::array(), synthetic = json::array();
  for (int epoch = 0; epoch < settings.train.epochs; ++epoch) {
    const double input_before = input.cpu_seconds();
    const Stopwatch watch;
    std::int64_t images = 0;
    int steps = 0;
    loader.start_epoch(epoch);
    while (const engine::Batch* batch = loader.next()) {
      trained.step(*batch);
      images += batch->count;
      ++steps;
    }
    json entry = watch.stop(images).document();
    entry["input_cpu_seconds"] = input.cpu_seconds() - input_before;
    real.push_back(std::move(entry));

    const Stopwatch synthetic_watch;
    for (int i = 0; i < steps; ++i) trained.step();
    synthetic.push_back(synthetic_watch.stop(std::int64_t{steps} * settings.train.batch_size).document());
  }
  return {{"real", std::move(real)}, {"synthetic", std::move(synthetic)}};
}

}  // namespace amltrain::bench
