#include "slurm/batch.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

BatchRequest small_request() {
  BatchRequest request;
  request.name = "birds_1_aa";
  request.settings.partition = "gpu";
  request.folder = "/shared/a%b";
  request.log = "/shared/a%b/supervisor.log";
  request.script = "/shared/a%b/slurm.sh";
  return request;
}

bool has(const std::vector<std::string>& words, const std::string& word) {
  return std::ranges::find(words, word) != words.end();
}

bool has_option(const std::vector<std::string>& words, const std::string& option) {
  return std::ranges::any_of(words, [&](const auto& word) { return word.starts_with(option + "="); });
}

}  // namespace

TEST_CASE("a small run asks Slurm for little", "[slurm]") {
  const auto words = sbatch_words(small_request());
  for (const char* word :
       {"--parsable", "--job-name=birds_1_aa", "--partition=gpu", "--nodes=1", "--requeue"})
    CHECK(has(words, word));
  for (const char* option : {"--time", "--nice", "--account", "--qos", "--cpus-per-task", "--dependency"})
    CHECK_FALSE(has_option(words, option));
  CHECK(words.back() == "/shared/a%b/slurm.sh");
  // In the name of a log, and there alone, a percent sign means something.
  CHECK(has(words, "--output=/shared/a%%b/supervisor.log"));
  CHECK(has(words, "--chdir=/shared/a%b"));
}

TEST_CASE("the job's limit leaves the run's own room, in whole minutes", "[slurm]") {
  BatchRequest request = small_request();
  request.time_limit = std::chrono::seconds(90);
  CHECK(has(sbatch_words(request), "--time=7"));
}

TEST_CASE("a site's own words come last, so that they count", "[slurm]") {
  BatchRequest request = small_request();
  request.time_limit = std::chrono::seconds(60);
  request.settings.arguments = {"--time=1-0"};
  request.settings.account = "birds";
  request.after = {"afterok:1", "afterany:2"};
  const auto words = sbatch_words(request);
  CHECK(words[words.size() - 2] == "--time=1-0");
  CHECK(has(words, "--account=birds"));
  CHECK(has(words, "--dependency=afterok:1,afterany:2"));
}

TEST_CASE("the script quotes whatever a path holds, and passes no mark on", "[slurm]") {
  const std::string script = batch_script("birds_1_aa", {"/a b/amltrain", "supervise", "it's"});
  CHECK(script.starts_with("#!/bin/sh\n"));
  CHECK(contains(script, "unset AMLTRAIN_RUN_MARK\n"));
  CHECK(contains(script, "exec '/a b/amltrain' supervise "));
  CHECK_FALSE(contains(script, " it's\n"));
}
