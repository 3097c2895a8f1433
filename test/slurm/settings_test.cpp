#include "slurm/settings.hpp"

#include <catch2/catch.hpp>

#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

SlurmSettings with(const std::string& partition, const std::vector<std::string>& arguments = {}) {
  SlurmSettings settings;
  settings.partition = partition;
  settings.arguments = arguments;
  return settings;
}

}  // namespace

TEST_CASE("settings of Slurm are read back as they were written", "[slurm]") {
  SlurmSettings settings = with("gpu", {"--gres=gpu:4", "-C a100"});
  settings.account = "birds";
  settings.cluster = "lab";
  const SlurmSettings read = parse_slurm_settings(json(settings));
  CHECK(json(read) == json(settings));
  CHECK(read.qos.empty());
}

TEST_CASE("what would take a run's job away from it is no argument of sbatch's", "[slurm]") {
  require_settings(with("gpu", {"--gres=gpu:4", "--exclusive", "-C", "--no-requeue"}));
  for (const char* argument :
       {"--job-name=x", "-Jx", "--array=0-3", "--wrap=true", "-o/tmp/x", "gpu", "-", ""}) {
    CAPTURE(argument);
    CHECK(error_of([&] { require_settings(with("gpu", {argument})); }).kind() == category::bad_input);
  }
  for (const char* partition : {"", "two words", "-p", "a,b"}) {
    CAPTURE(partition);
    CHECK(error_of([&] { require_settings(with(partition)); }).kind() == category::bad_input);
  }
}
