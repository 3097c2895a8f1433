#include "engine/train/evaluate.hpp"

#include <catch2/catch.hpp>

#include "engine/torch.hpp"
#include "engine/train/drawn_folder.hpp"
#include "engine/train/report.hpp"
#include "engine/train/step.hpp"
#include "support/error.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

Evaluation evaluate_folder(ResNet& model, const ImageFolder& folder, int batch_size, bool tta_flip = false) {
  Loader loader(folder, folder.val, View::validation,
                {.batch_size = batch_size, .threads = 0, .image_size = 40, .resize_size = 44});
  return evaluate(
      model, loader, at::kFloat, [](int) {}, tta_flip);
}

}  // namespace

TEST_CASE("precision and recall follow from the confusion matrix", "[engine][train]") {
  ConfusionMatrix confusion(3);
  for (int i = 0; i < 3; ++i) confusion.add(0, 0);
  confusion.add(0, 1);
  confusion.add(1, 1);
  const json report = classification_report(confusion, {"ants", "bees", "wasps"});
  CHECK(report["confusion"] == json({{3, 1, 0}, {0, 1, 0}, {0, 0, 0}}));
  CHECK(report["classes"][0] ==
        json({{"label", "ants"}, {"images", 4}, {"precision", 1.0}, {"recall", 0.75}}));
  CHECK(report["classes"][1] ==
        json({{"label", "bees"}, {"images", 1}, {"precision", 0.5}, {"recall", 1.0}}));
  CHECK(report["classes"][2] ==
        json({{"label", "wasps"}, {"images", 0}, {"precision", nullptr}, {"recall", nullptr}}));
}

TEST_CASE("an evaluation is the same for every batch size", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder.path(), 1, 5);
  const ImageFolder images = scan_image_folder(folder.path());
  ResNet model(find_resnet_spec("resnet18"), 2, 1);
  const Evaluation one = evaluate_folder(model, images, 1), four = evaluate_folder(model, images, 4);
  CHECK(one.images == 10);
  CHECK(four.images == 10);
  CHECK(one.loss == Approx(four.loss).epsilon(1e-5));
  CHECK(one.confusion.counts == four.confusion.counts);
  CHECK(one.accuracy == (one.confusion.at(0, 0) + one.confusion.at(1, 1)) / 10.0);
}

TEST_CASE("with its mirror image, an image has the mean of both logits", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder.path(), 1, 3);
  const ImageFolder images = scan_image_folder(folder.path());
  ResNet model(find_resnet_spec("resnet18"), 2, 1);
  model.set_training(false);
  Loader loader(images, images.val, View::validation,
                {.batch_size = 6, .threads = 0, .image_size = 40, .resize_size = 44});
  loader.start_epoch(0);
  const Batch& batch = *loader.next();
  const at::Tensor seen = images_of(batch, kHostImages);
  const at::NoGradGuard no_grad;
  const at::Tensor logits = model.forward(seen).add(model.forward(seen.flip(3))).div(2);
  const at::Tensor labels = labels_of(batch, model.placement());
  const double expected = at::cross_entropy_loss(logits, labels).item<double>();
  CHECK(evaluate_folder(model, images, 2, true).loss == Approx(expected).epsilon(1e-4));
  CHECK(evaluate_folder(model, images, 2, false).loss != Approx(expected).epsilon(1e-4));
}

TEST_CASE("an evaluation leaves no trace in the model", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder.path(), 1, 2);
  ResNet model(find_resnet_spec("resnet18"), 2, 1);
  const StateDict before = copy_state(model);
  evaluate_folder(model, scan_image_folder(folder.path()), 4);
  for (const auto& [name, tensor] : model.state().entries) CHECK(tensor.equal(*before.find(name)));
}

TEST_CASE("a validation loss that is no number ends the run", "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder.path(), 1, 1);
  ResNet model(find_resnet_spec("resnet18"), 2, 1);
  {
    const at::NoGradGuard no_grad;
    model.state().find("fc.bias")->fill_(std::nan(""));
  }
  try {
    evaluate_folder(model, scan_image_folder(folder.path()), 2);
    FAIL("no error");
  } catch (const Error& problem) {
    CHECK(problem.kind() == category::run_failed);
  }
}
