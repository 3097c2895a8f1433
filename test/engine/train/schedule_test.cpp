#include "engine/train/schedule.hpp"

#include <catch2/catch.hpp>

using namespace amltrain::engine;

TEST_CASE("the learning rate falls by gamma after every lr-step epochs", "[engine][train]") {
  for (const auto& [epoch, rate] :
       {std::pair{0, 0.001}, {6, 0.001}, {7, 0.0001}, {13, 0.0001}, {14, 0.00001}, {24, 0.000001}})
    CHECK(step_lr(0.001, 0.1, 7, epoch) == Approx(rate).epsilon(1e-12));
  CHECK(step_lr(0.5, 0.5, 1, 3) == 0.0625);
}

TEST_CASE("the step schedule is the same at every step of an epoch", "[engine][train]") {
  TrainOptions options;
  options.lr_step = 1;
  const Schedule schedule(options, 10, 1);
  CHECK(schedule.rate(0, 0) == 0.001);
  CHECK(schedule.rate(0, 9) == 0.001);
  CHECK(schedule.rate(1, 0) == 0.001 * 0.1);
}

TEST_CASE("the rate rises in equal steps to the end of the warm-up, which may be in the middle of an epoch",
          "[engine][train]") {
  TrainOptions options;
  options.scheduler = SchedulerKind::constant;
  options.warmup_epochs = 1.5;
  const Schedule schedule(options, 4, 1);  // six updates
  for (int update = 0; update < 12; ++update)
    CHECK(schedule.rate(update / 4, update % 4) == Approx(0.001 * std::min(update + 1, 6) / 6));
}

TEST_CASE("a scaled rate begins near the unscaled one and rises to as many times it as a step has batches",
          "[engine][train]") {
  TrainOptions options;
  options.scheduler = SchedulerKind::constant;
  options.scale_lr = LrScaling::linear;
  options.warmup_epochs = 2;
  const Schedule schedule(options, 4, 8);
  for (int update = 0; update < 12; ++update)
    CHECK(schedule.rate(update / 4, update % 4) == Approx(0.001 * (1 + 7 * std::min(update + 1, 8) / 8.0)));
  options.warmup_epochs = 0;
  options.epochs = 10;
  const Schedule by_default(options, 4, 8);  // a fifth of the epochs: the same two
  CHECK(by_default.rate(1, 2) < 0.008);
  CHECK(by_default.rate(1, 3) == Approx(0.008));
  options.scale_lr = LrScaling::none;
  CHECK(Schedule(options, 4, 8).rate(0, 0) == 0.001);
}

TEST_CASE("the cosine falls from the base rate to nearly nothing at the last step", "[engine][train]") {
  TrainOptions options;
  options.scheduler = SchedulerKind::cosine;
  options.epochs = 2;
  const Schedule schedule(options, 50, 1);
  CHECK(schedule.rate(0, 0) == 0.001);
  CHECK(schedule.rate(1, 0) == Approx(0.0005));
  CHECK(schedule.rate(1, 49) == Approx(0.0005 * (1 - std::cos(3.14159265358979 / 100))));
}

TEST_CASE("the image size rises from epoch to epoch to the whole one, which the last fifth has",
          "[engine][train]") {
  TrainOptions options;
  options.epochs = 10;
  CHECK(epoch_image_size(options, 0) == 224);
  options.progressive_resize = 100;
  std::vector<int> sizes;
  for (int epoch = 0; epoch < 10; ++epoch) sizes.push_back(epoch_image_size(options, epoch));
  CHECK(sizes == std::vector<int>{100, 112, 128, 144, 160, 176, 192, 208, 224, 224});
  options.epochs = 1;
  CHECK(epoch_image_size(options, 0) == 224);
}
