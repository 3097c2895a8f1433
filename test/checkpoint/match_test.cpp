#include "checkpoint/match.hpp"

#include <catch2/catch.hpp>

#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

TEST_CASE("an option's text is compared with what was recorded by its value", "[checkpoint]") {
  CHECK(is_recorded_value(0.9, "--momentum", "0.90"));
  CHECK_FALSE(is_recorded_value(0.9, "--momentum", "0.5"));
  CHECK(is_recorded_value(4, "--batch-size", "4"));
  CHECK_FALSE(is_recorded_value(4, "--batch-size", "8"));
  CHECK(is_recorded_value("resnet18", "--arch", "resnet18"));
  CHECK_FALSE(is_recorded_value("resnet18", "--arch", "resnet34"));
  CHECK(is_recorded_value(true, "--skip-unreadable", "true"));
  CHECK_FALSE(is_recorded_value(false, "--skip-unreadable", "true"));
}

TEST_CASE("what the machine or the registry chooses is left to the trainer", "[checkpoint]") {
  CHECK(is_recorded_value("bf16", "--precision", "auto"));
  CHECK_FALSE(is_recorded_value("bf16", "--precision", "fp32"));
  CHECK(is_recorded_value(2, "--threads", "0"));
  CHECK_FALSE(is_recorded_value(2, "--threads", "1"));
  CHECK(is_recorded_value("/models/m/1/model.pt", "--weights", "models:/m/1"));
}

TEST_CASE("another training is refused with both values", "[checkpoint]") {
  const Error option = error_of([] { throw_other_training("run a", "--momentum", 0.9, 0.5); });
  CHECK(option.kind() == category::bad_input);
  CHECK(option.what() == std::string("run a: the training was begun with --momentum 0.9, not 0.5"));
  const Error data = error_of([] { throw_other_training("run a", "data", "x", "y"); });
  CHECK(contains(data.what(), "the data is not what this training began with"));
}
