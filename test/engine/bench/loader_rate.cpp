#include "engine/train/loading.hpp"
#include "rates.hpp"
#include "spent.hpp"

namespace amltrain::bench {

json loader_rate(const Settings& settings) {
  const ImageFolder folder = scan_image_folder(settings.train.data);
  const Split& split = settings.validation ? folder.val : folder.train;
  const engine::Numerics numerics = engine::choose_numerics(settings.train);
  engine::Loader loader(folder, split, settings.validation ? engine::View::validation : engine::View::train,
                        settings.validation ? engine::val_loading(settings.train, numerics, folder)
                                            : engine::train_loading(settings.train, numerics, folder));
  json epochs = json::array();
  for (int epoch = 0; epoch < settings.train.epochs; ++epoch) {
    const Stopwatch watch;
    std::int64_t images = 0;
    loader.start_epoch(epoch);
    while (const engine::Batch* batch = loader.next()) images += batch->count;
    epochs.push_back(watch.stop(images).document());
  }
  return {{"epochs", std::move(epochs)}};
}

}  // namespace amltrain::bench
