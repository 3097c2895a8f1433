#include "engine/recipe.hpp"

#include <catch2/catch.hpp>

using namespace amltrain::engine;

namespace {

TrainOptions fast(const std::vector<std::string>& given = {}, TrainOptions options = {}) {
  options.recipe = "fast";
  apply_recipe(options,
               [&](const std::string& name) { return std::ranges::find(given, name) != given.end(); });
  return options;
}

}  // namespace

TEST_CASE("the tutorial's recipe changes nothing", "[engine]") {
  TrainOptions options;
  apply_recipe(options, [](const std::string&) { return false; });
  const TrainOptions fresh;
  CHECK(options.epochs == fresh.epochs);
  CHECK(options.batch_size == fresh.batch_size);
  CHECK(options.learning_rate == fresh.learning_rate);
  CHECK(options.scheduler == fresh.scheduler);
}

TEST_CASE("what the user chose wins over the recipe", "[engine]") {
  CHECK(fast().scheduler == SchedulerKind::cosine);
  CHECK(fast().batch_size != TrainOptions().batch_size);
  TrainOptions chosen;
  chosen.batch_size = 4;
  CHECK(fast({"--batch-size"}, chosen).batch_size == 4);
  CHECK(fast({"--batch-size"}, chosen).scheduler == SchedulerKind::cosine);
}

TEST_CASE("the recipe fits what the user chose", "[engine]") {
  TrainOptions chosen;
  chosen.epochs = 1;
  chosen.image_size = 40;
  const TrainOptions options = fast({"--num-epochs", "--image-size"}, chosen);
  CHECK(options.warmup_epochs <= 1);
  CHECK(options.progressive_resize <= 40);
  CHECK(options.progressive_resize >= 33);
}
