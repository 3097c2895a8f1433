#include "engine/use/predict.hpp"

#include <catch2/catch.hpp>

#include "engine/train/drawn_folder.hpp"
#include "engine/use/finished_model.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

std::vector<Prediction> predictions(const PredictOptions& options) {
  std::vector<Prediction> all;
  engine::predict(options, [&](const Prediction& one) { all.push_back(one); });
  return all;
}

}  // namespace

TEST_CASE("files come in order, unreadable ones in their places, whatever the batch", "[engine][use]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 1, 2);
  put_model(folder / "model", {"dark", "light"});
  write_plain(folder / "bad.jpg", "no image");
  const std::filesystem::path good = folder / "data/train/dark/0.jpg";
  PredictOptions options;
  options.use.model = folder / "model/model.pt";
  options.use.workers = GENERATE(0, 2);
  options.use.batch_size = GENERATE(1, 2, 16);
  options.top = 5;
  options.inputs = {folder / "bad.jpg",  folder / "bad.jpg",  good,
                    folder / "data/val", folder / "none.png", folder / "data"};
  const std::vector<Prediction> all = predictions(options);
  REQUIRE(all.size() == 14);
  CHECK(all[0].file == (folder / "bad.jpg").string());
  CHECK(contains(all[0].problem, "bad.jpg"));
  CHECK(all[1].problem == all[0].problem);
  CHECK(all[2].file == good.string());
  CHECK(all[3].file == (folder / "data/val/dark/0.jpg").string());
  CHECK(all[6].file == (folder / "data/val/light/1.jpg").string());
  CHECK(contains(all[7].problem, "none.png"));
  CHECK(all[8].file == good.string());
  CHECK(all[8].top[0].probability == Approx(all[2].top[0].probability).margin(1e-5));
  REQUIRE(all[2].top.size() == 2);
  CHECK(all[2].top[0].probability >= all[2].top[1].probability);
  CHECK(all[2].top[0].probability + all[2].top[1].probability == Approx(1).margin(1e-5));
}

TEST_CASE("nothing that can be read, and a folder without images", "[engine][use]") {
  const TemporaryFolder folder;
  put_model(folder / "model", {"dark", "light"});
  PredictOptions options;
  options.use.model = folder / "model/model.pt";
  options.inputs = {folder / "one.jpg", folder / "two.jpg"};
  const std::vector<Prediction> all = predictions(options);
  REQUIRE(all.size() == 2);
  CHECK(contains(all[1].problem, "two.jpg"));
  options.inputs = {folder / "model"};
  CHECK(error_of([&] { predictions(options); }).kind() == category::bad_input);
}
