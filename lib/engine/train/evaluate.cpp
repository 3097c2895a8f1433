#include "engine/train/evaluate.hpp"

#include <cmath>

#include "engine/torch.hpp"
#include "engine/train/step.hpp"
#include "support/error.hpp"

namespace amltrain::engine {

Evaluation evaluate(ResNet& model, Loader& loader, int image_size, bool bf16,
                    const std::function<void(int)>& between) {
  Evaluation result(model.classes());
  double loss_sum = 0;
  std::int64_t correct = 0;
  loader.start_epoch(0);
  while (const Batch* batch = loader.next()) {
    const at::Tensor logits = infer(model, images_of(*batch, image_size, model.placement()), bf16);
    const at::Tensor labels = labels_of(*batch, model.placement());
    loss_sum += at::cross_entropy_loss(logits, labels, {}, at::Reduction::Sum).item<double>();
    const at::Tensor predicted = logits.argmax(1).cpu();
    for (int i = 0; i < batch->count; ++i) {
      const std::int64_t truth = batch->labels[static_cast<std::size_t>(i)];
      const std::int64_t guess = predicted.const_data_ptr<std::int64_t>()[i];
      result.confusion.add(truth, guess);
      correct += truth == guess;
    }
    result.images += batch->count;
    between(batch->count);
  }
  if (result.images == 0) throw Error(category::bad_input, "no image of the validation split can be read");
  if (!std::isfinite(loss_sum))
    throw Error(category::run_failed, "the validation loss is not a finite number",
                "the training has diverged: lower --learning-rate");
  result.loss = loss_sum / static_cast<double>(result.images);
  result.accuracy = static_cast<double>(correct) / static_cast<double>(result.images);
  return result;
}

}  // namespace amltrain::engine
