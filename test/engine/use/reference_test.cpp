// Python with torchvision on the same weights and files is the judge.
#include "image/reference.hpp"

#include <catch2/catch.hpp>

#include "engine/train/drawn_folder.hpp"
#include "engine/use/evaluate.hpp"
#include "engine/use/predict.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

/// Largest difference of a probability.
double compare_predictions(const json& expected, const PredictOptions& options) {
  std::size_t index = 0;
  double largest = 0;
  engine::predict(options, [&](const Prediction& ours) {
    const json& theirs = expected.at("files").at(index++);
    INFO(ours.file);
    CHECK(ours.file == theirs.at("file"));
    CHECK(ours.top.at(0).label == theirs.at("label"));
    for (const ClassProbability& one : ours.top) {
      const double probability = theirs.at("probabilities").at(one.label);
      largest = std::max(largest, std::abs(one.probability - probability));
    }
  });
  CHECK(index == expected.at("files").size());
  return largest;
}

void compare_with_python(const std::filesystem::path& data, int image_size, int resize_size) {
  const TemporaryFolder folder;
  const json expected =
      run_reference("predict_images.py", folder.path(),
                    {data.string(), "40", std::to_string(image_size), std::to_string(resize_size)});
  ModelUse use;
  use.model = folder / "model/model.pt";
  use.image_size = image_size;
  use.resize_size = resize_size;
  use.batch_size = 8;
  use.threads = 1;
  PredictOptions predicting{use, {folder / "data/val"}, 2};
  const double largest = compare_predictions(expected, predicting);
  CHECK(largest < 1e-5);
  const json found = engine::evaluate({use, "model", folder / "data", "val"}, [](const std::string&) {});
  CHECK(found.at("accuracy") == expected.at("accuracy"));
  CHECK(std::abs(found.at("loss").get<double>() - expected.at("loss").get<double>()) < 1e-5);
  CHECK(std::abs(found.at("calibration").at("expected_error").get<double>() -
                 expected.at("expected_error").get<double>()) < 1e-5);
  WARN("largest difference of a probability on " << expected.at("files").size() << " images: " << largest);
}

}  // namespace

TEST_CASE("drawn images get Python's probabilities and figures", "[engine][use][reference]") {
  if (!have_reference()) return;
  const TemporaryFolder folder;
  draw_folder(folder.path(), 1, 12);
  compare_with_python(folder.path(), 64, 72);
}

TEST_CASE("real images get Python's probabilities and figures", "[engine][use][reference]") {
  if (!have_reference()) return;
  const std::filesystem::path data = real_data();
  if (!data.empty()) compare_with_python(data, 224, 256);
}
