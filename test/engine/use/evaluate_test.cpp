#include "engine/use/evaluate.hpp"

#include <catch2/catch.hpp>

#include "engine/train/drawn_folder.hpp"
#include "engine/use/finished_model.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

void silent(const std::string&) {}

EvaluateOptions options_in(const TemporaryFolder& folder) {
  EvaluateOptions options;
  options.use.model = folder / "model/model.pt";
  options.use.workers = 1;
  options.data = folder / "data";
  return options;
}

}  // namespace

TEST_CASE("an evaluation sees images as large as in training, of the split that is asked for",
          "[engine][use]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 2, 3);
  put_model(folder / "model", {"dark", "light"});
  EvaluateOptions options = options_in(folder);
  const json val = engine::evaluate(options, silent);
  CHECK(val.at("image_size") == 40);
  CHECK(val.at("resize_size") == 44);
  CHECK(val.at("precision") == "fp32");
  CHECK(val.at("images") == 6);
  CHECK(val.at("accuracy_interval").at("low") < val.at("accuracy"));
  options.split = "train";
  options.use.image_size = 44;
  const json train = engine::evaluate(options, silent);
  CHECK(train.at("images") == 4);
  CHECK(train.at("image_size") == 44);
  options.use.image_size = 48;
  CHECK(error_of([&] { engine::evaluate(options, silent); }).kind() == category::bad_input);
}

TEST_CASE("classes are the model's labels by name, in whatever order it has them", "[engine][use]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 1, 3);
  EvaluateOptions options = options_in(folder);
  put_model(folder / "model", {"light", "dark"});
  const json turned = engine::evaluate(options, silent);
  put_model(folder / "model", {"dark", "light"});
  const json straight = engine::evaluate(options, silent);
  // the same weights with their labels exchanged: what was right is wrong
  CHECK(turned.at("classes")[0].at("label") == "light");
  CHECK(turned.at("correct").get<int>() + straight.at("correct").get<int>() == 6);
  put_model(folder / "model", {"dark", "pale"});
  const Error problem = error_of([&] { engine::evaluate(options, silent); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "(dark, light) are not the model's labels (dark, pale)"));
}

TEST_CASE("class folders without train and val are evaluated as they are", "[engine][use]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 1, 3);
  put_model(folder / "model", {"dark", "light"});
  EvaluateOptions options = options_in(folder);
  const json expected = engine::evaluate(options, silent);
  options.data = folder / "data/val";
  CHECK(engine::evaluate(options, silent).at("loss") == expected.at("loss"));
}

TEST_CASE("weights without labels, and an image that can't be read, are named", "[engine][use]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 1, 1);
  put_model(folder / "model", {"dark", "light"});
  write_plain(folder / "data/val/dark/bad.jpg", "no image");
  Error problem = error_of([&] { engine::evaluate(options_in(folder), silent); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "bad.jpg"));
  std::filesystem::remove(folder / "model/labels.json");
  problem = error_of([&] { engine::evaluate(options_in(folder), silent); });
  CHECK(problem.kind() == category::not_found);
  CHECK(contains(problem.what(), "labels.json"));
}
