#include "engine/train/evaluate.hpp"
#include "engine/train/loading.hpp"
#include "rates.hpp"
#include "spent.hpp"
#include "trained.hpp"

namespace amltrain::bench {

json validation_rate(const Settings& settings) {
  const ImageFolder folder = scan_image_folder(settings.train.data);
  Trained trained(settings.train, static_cast<std::int64_t>(folder.classes.size()));
  engine::Loader loader(folder, folder.val, engine::View::validation,
                        engine::val_loading(settings.train, trained.numerics(), folder));
  json epochs = json::array();
  for (int epoch = 0; epoch < settings.train.epochs; ++epoch) {
    const Stopwatch watch;
    const engine::Evaluation found =
        engine::evaluate(trained.model(), loader, trained.numerics().compute(), [](int) {});
    epochs.push_back(watch.stop(found.images).document());
  }
  return {{"epochs", std::move(epochs)}};
}

}  // namespace amltrain::bench
