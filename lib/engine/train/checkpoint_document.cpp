#include "engine/train/checkpoint.hpp"

namespace amltrain::engine {
namespace {

json to_json(const EpochResult& result) {
  return {{"epoch", result.epoch},           {"lr", result.learning_rate},
          {"train_loss", result.train_loss}, {"train_acc", result.train_accuracy},
          {"val_loss", result.val_loss},     {"val_acc", result.val_accuracy}};
}

EpochResult parse_epoch(const json& in) {
  return {field<int>(in, "epoch"),        field<double>(in, "lr"),       field<double>(in, "train_loss"),
          field<double>(in, "train_acc"), field<double>(in, "val_loss"), field<double>(in, "val_acc")};
}

json to_json(const Evaluation& best) {
  return {{"val_loss", best.loss},
          {"val_acc", best.accuracy},
          {"images", best.images},
          {"classes", best.confusion.classes},
          {"confusion", best.confusion.counts}};
}

Evaluation parse_best(const json& in) {
  const auto classes = field<std::int64_t>(in, "classes");
  auto counts = field<std::vector<std::int64_t>>(in, "confusion");
  if (classes < 1 || classes > 1'000'000 || static_cast<std::int64_t>(counts.size()) != classes * classes)
    throw_bad_field(in, "confusion", "has not one row and column a class");
  Evaluation best(classes);
  best.loss = field<double>(in, "val_loss");
  best.accuracy = field<double>(in, "val_acc");
  best.images = field<std::int64_t>(in, "images");
  best.confusion.counts = std::move(counts);
  return best;
}

}  // namespace

json to_document(const Checkpoint& checkpoint) {
  json epochs = json::array(), skipped = json::array(), rollbacks = json::array();
  for (const Rollback& rollback : checkpoint.summary.rollbacks) rollbacks.push_back(to_json(rollback));
  for (const EpochResult& result : checkpoint.summary.epochs) epochs.push_back(to_json(result));
  for (const UnreadableFile& file : checkpoint.summary.skipped)
    skipped.push_back({{"path", file.path}, {"problem", file.problem}});
  return {{"match", checkpoint.match},
          {"epoch", checkpoint.at.epoch},
          {"batch", checkpoint.at.batch},
          {"steps", checkpoint.summary.steps},
          {"running",
           {{"loss", checkpoint.at.running.loss},
            {"correct", checkpoint.at.running.correct},
            {"images", checkpoint.at.running.images}}},
          {"epochs", std::move(epochs)},
          {"watch",
           {{"batches", checkpoint.watch.batches},
            {"mean", checkpoint.watch.mean},
            {"lowest", checkpoint.watch.lowest}}},
          {"rollbacks", std::move(rollbacks)},
          {"micro_batch", checkpoint.micro_batch},
          {"best_epoch", checkpoint.summary.best_epoch},
          {"best", checkpoint.best ? to_json(*checkpoint.best) : json(nullptr)},
          {"skipped", std::move(skipped)},
          {"metrics",
           {{"file", checkpoint.metrics.file},
            {"bytes", checkpoint.metrics.bytes},
            {"tail_sha256", checkpoint.metrics.tail_sha256}}}};
}

Checkpoint parse_checkpoint(const json& document) {
  Checkpoint checkpoint;
  checkpoint.match = field<json>(document, "match");
  checkpoint.at.epoch = field<int>(document, "epoch");
  checkpoint.at.batch = field<int>(document, "batch");
  const auto running = field<json>(document, "running");
  checkpoint.at.running.loss = field<double>(running, "loss");
  checkpoint.at.running.correct = field<std::int64_t>(running, "correct");
  checkpoint.at.running.images = field<std::int64_t>(running, "images");
  TrainingSummary& summary = checkpoint.summary;
  summary.steps = field<std::int64_t>(document, "steps");
  const auto watch = field<json>(document, "watch");
  checkpoint.watch = {field<std::int64_t>(watch, "batches"), field<double>(watch, "mean"),
                      field<double>(watch, "lowest")};
  for (const json& item : field<json>(document, "rollbacks"))
    summary.rollbacks.push_back(
        {field<int>(item, "epoch"), field<std::int64_t>(item, "step"), field<std::string>(item, "reason")});
  checkpoint.micro_batch = field<std::int64_t>(document, "micro_batch");
  summary.best_epoch = field<int>(document, "best_epoch");
  for (const json& item : field<json>(document, "epochs")) summary.epochs.push_back(parse_epoch(item));
  for (const json& item : field<json>(document, "skipped"))
    summary.skipped.push_back({field<std::string>(item, "path"), field<std::string>(item, "problem")});
  if (const auto best = optional_field<json>(document, "best")) checkpoint.best = parse_best(*best);
  const auto metrics = field<json>(document, "metrics");
  checkpoint.metrics = {field<std::string>(metrics, "file"), field<std::uint64_t>(metrics, "bytes"),
                        field<std::string>(metrics, "tail_sha256")};
  return checkpoint;
}

}  // namespace amltrain::engine
