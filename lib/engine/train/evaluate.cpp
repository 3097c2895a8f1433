#include "engine/train/evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/device/upload.hpp"
#include "engine/nn/folded.hpp"
#include "engine/torch.hpp"
#include "engine/train/step.hpp"
#include "support/error.hpp"

namespace amltrain::engine {

void for_each_output(const ResNet& model, Batches& images, at::ScalarType compute,
                     const std::function<void(const Batch&, const at::Tensor& logits)>& visit,
                     bool tta_flip) {
  const c10::InferenceMode inference;
  std::optional<FoldedNetwork> network;
  Upload upload(model.placement().device);
  images.start_epoch(0);
  while (const Batch* batch = images.next()) {
    if (batch->features > 0) {
      visit(*batch, model.fc()(images_of(*batch, model.placement())));
      continue;
    }
    if (!network)
      network.emplace(model, compute, batch->image_size, std::min(batch->count, FoldedNetwork::kGoodBatch));
    const at::Tensor batch_images = upload(images_of(*batch, kHostImages));
    at::Tensor logits = network->logits(batch_images);
    if (tta_flip) logits = logits.add(network->logits(batch_images.flip(3))).mul(0.5);
    visit(*batch, logits);
  }
}

namespace {

/// Counts are exact: a double holds them all.
void sum_over(Ranks& ranks, Evaluation& result, double& loss) {
  std::array<Calibration::Bin, Calibration::bin_count> bins = result.calibration.bins();
  std::vector<double> values{loss, static_cast<double>(result.images), static_cast<double>(result.correct)};
  for (const Calibration::Bin& bin : bins)
    values.insert(values.end(),
                  {static_cast<double>(bin.images), static_cast<double>(bin.correct), bin.confidence_sum});
  for (const std::int64_t count : result.confusion.counts) values.push_back(static_cast<double>(count));
  ranks.sum(values);
  auto next = values.begin();
  const auto count = [&] { return static_cast<std::int64_t>(*next++); };
  loss = *next++;
  result.images = count();
  result.correct = count();
  for (Calibration::Bin& bin : bins) {
    bin.images = count();
    bin.correct = count();
    bin.confidence_sum = *next++;
  }
  result.calibration = Calibration(bins);
  for (std::int64_t& one : result.confusion.counts) one = count();
}

}  // namespace

Evaluation evaluate(const ResNet& model, Batches& images, at::ScalarType compute,
                    const std::function<void(int)>& between, bool tta_flip, Ranks* ranks) {
  Evaluation result(model.classes());
  double loss_sum = 0;
  const auto add = [&](const Batch& batch, const at::Tensor& logits) {
    const at::Tensor labels = labels_of(batch, model.placement());
    loss_sum += at::cross_entropy_loss(logits, labels, {}, at::Reduction::Sum).item<double>();
    const at::Tensor predicted = logits.argmax(1).cpu(), confidence = logits.softmax(1).amax(1).cpu();
    for (int i = 0; i < batch.count; ++i) {
      const std::int64_t truth = batch.labels[static_cast<std::size_t>(i)];
      const std::int64_t guess = predicted.const_data_ptr<std::int64_t>()[i];
      result.confusion.add(truth, guess);
      result.calibration.add(confidence.const_data_ptr<float>()[i], truth == guess);
      result.correct += truth == guess;
    }
    result.images += batch.count;
    between(batch.count);
  };
  for_each_output(model, images, compute, add, tta_flip);
  if (ranks != nullptr) sum_over(*ranks, result, loss_sum);
  if (result.images == 0) throw Error(category::bad_input, "no image of the split can be read");
  if (!std::isfinite(loss_sum))
    throw Error(category::run_failed, "the loss of the evaluated images is not a finite number",
                "the training has diverged: lower --learning-rate");
  result.loss = loss_sum / static_cast<double>(result.images);
  result.accuracy = static_cast<double>(result.correct) / static_cast<double>(result.images);
  return result;
}

}  // namespace amltrain::engine
