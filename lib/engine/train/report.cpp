#include "engine/train/report.hpp"

#include <sys/resource.h>

#include "engine/train/loading.hpp"
#include "engine/train/options_record.hpp"

namespace amltrain::engine {
namespace {

std::int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;  // Linux counts in KiB
}

json to_json(const EpochResult& result) {
  return {{"epoch", result.epoch},           {"lr", result.learning_rate},
          {"train_loss", result.train_loss}, {"train_acc", result.train_accuracy},
          {"val_loss", result.val_loss},     {"val_acc", result.val_accuracy}};
}

}  // namespace

json to_json(const Rollback& rollback) {
  return {{"epoch", rollback.epoch},
          {"step", rollback.step},
          {"reason", rollback.reason},
          {"lr_scale", kRollbackRate}};
}

json classification_report(const ConfusionMatrix& confusion, const std::vector<std::string>& labels) {
  const auto ratio = [](std::int64_t part, std::int64_t whole) {
    return whole == 0 ? json(nullptr) : json(static_cast<double>(part) / static_cast<double>(whole));
  };
  json rows = json::array(), classes = json::array();
  for (std::int64_t truth = 0; truth < confusion.classes; ++truth) {
    json row = json::array();
    std::int64_t images = 0, predictions = 0;
    for (std::int64_t other = 0; other < confusion.classes; ++other) {
      row.push_back(confusion.at(truth, other));
      images += confusion.at(truth, other);
      predictions += confusion.at(other, truth);
    }
    rows.push_back(std::move(row));
    const std::int64_t right = confusion.at(truth, truth);
    classes.push_back({{"label", labels.at(static_cast<std::size_t>(truth))},
                       {"images", images},
                       {"precision", ratio(right, predictions)},
                       {"recall", ratio(right, images)}});
  }
  return {{"confusion", std::move(rows)}, {"classes", std::move(classes)}};
}

json training_report(const TrainOptions& options, const Numerics& numerics, const TrainingSummary& summary,
                     const ConfusionMatrix& confusion, const std::vector<std::string>& labels) {
  json epochs = json::array(), skipped = json::array(), rollbacks = json::array();
  for (const Rollback& rollback : summary.rollbacks) rollbacks.push_back(to_json(rollback));
  for (const EpochResult& result : summary.epochs) epochs.push_back(to_json(result));
  for (const UnreadableFile& file : summary.skipped)
    skipped.push_back({{"path", file.path}, {"problem", file.problem}});
  const EpochResult& best = summary.epochs.at(static_cast<std::size_t>(summary.best_epoch));
  json report = {{"schema", "amltrain.training-report/1"},
                 {"recipe", options.recipe},
                 {"arch", options.arch},
                 {"weights", options.weights},
                 {"device", numerics.device.str()},
                 {"precision", numerics.precision()},
                 {"threads", numerics.threads},
                 {"ranks", options.ranks.world_size},
                 {"batches_per_step", batches_per_step(options)},
                 {"image_size", options.image_size},
                 {"resize_size", options.resize_size},
                 {"decode", options.scaled_decode ? "scaled" : "exact"},
                 {"seed", options.seed},
                 {"options", deciding_options(options, numerics)},
                 {"steps", summary.steps},
                 {"best_epoch", best.epoch},
                 {"best_val_acc", best.val_accuracy},
                 {"best_val_loss", best.val_loss},
                 {"seconds", summary.seconds},
                 {"images_per_second", summary.images_per_second},
                 {"peak_memory_bytes", peak_memory_bytes()}};
  report.update(classification_report(confusion, labels));
  report["epochs"] = std::move(epochs);
  report["skipped"] = std::move(skipped);
  report["rollbacks"] = std::move(rollbacks);
  return report;
}

}  // namespace amltrain::engine
