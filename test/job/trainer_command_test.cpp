#include <catch2/catch.hpp>

#include "job/definition.hpp"
#include "support/error.hpp"
#include "support/errors.hpp"

namespace amltrain {
namespace {

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("the trainer's job is a command whose data is an input", "[job]") {
  const JobDefinition job = trainer_job({"--num-epochs", "3", "--output-dir", "my outputs"}, "birds");
  CHECK(job.command == "amltrain train --data ${{inputs.data}} --num-epochs 3 --output-dir 'my outputs'");
  CHECK(job.inputs.at("data").type == "uri_folder");
  CHECK(job.inputs.at("data").value == "birds");
  CHECK(trainer_arguments(job) ==
        Words{"--data", "${{inputs.data}}", "--num-epochs", "3", "--output-dir", "my outputs"});
}

TEST_CASE("an option given again replaces the one in the job", "[job]") {
  JobDefinition job =
      trainer_job({"--num-epochs", "3", "--lr-gamma=0.5", "--skip-unreadable", "--seed", "1"}, "a");
  add_trainer_arguments(job, {"--lr-gamma", "-0.1", "--num-epochs=9", "--skip-unreadable"});
  CHECK(trainer_arguments(job) == Words{"--data", "${{inputs.data}}", "--seed", "1", "--lr-gamma", "-0.1",
                                        "--num-epochs=9", "--skip-unreadable"});
}

TEST_CASE("a data option on top sets the input", "[job]") {
  JobDefinition job;
  job.command = "amltrain train --data /old --seed 1";
  SECTION("as two words") { add_trainer_arguments(job, {"--data", "new"}); }
  SECTION("as one") { add_trainer_arguments(job, {"--data=new"}); }
  CHECK(job.inputs.at("data").value == "new");
  CHECK(job.command == "amltrain train --data ${{inputs.data}} --seed 1");
}

TEST_CASE("only a plain trainer command takes trainer options", "[job]") {
  for (const char* command :
       {"python train.py", "amltrain runs list", "amltrain train | tee log", "cd x; amltrain train"}) {
    JobDefinition job;
    job.command = command;
    CHECK_FALSE(trainer_arguments(job));
    CHECK(test::error_of([&] { add_trainer_arguments(job, {"--seed", "1"}); }).kind() == category::bad_input);
    CHECK(job.command == command);
  }
}

TEST_CASE("a batch size of all ranks becomes that of each, and the later way to say it counts", "[job]") {
  JobDefinition job = trainer_job({"--global-batch-size", "24", "--grad-accum", "2"}, "birds");
  job.nodes = 2;
  job.procs_per_node = 3;
  settle_batch_size(job);
  CHECK(value_of_option(*trainer_arguments(job), "--batch-size") == "2");
  CHECK(value_of_option(*trainer_arguments(job), "--global-batch-size").empty());

  add_trainer_arguments(job, {"--global-batch-size=20"});
  CHECK(value_of_option(*trainer_arguments(job), "--batch-size").empty());
  CHECK_THROWS_WITH(settle_batch_size(job), Catch::Contains("--global-batch-size 20 is not the 12 batches"));
  add_trainer_arguments(job, {"--batch-size", "7"});
  settle_batch_size(job);
  CHECK(value_of_option(*trainer_arguments(job), "--batch-size") == "7");

  add_trainer_arguments(job, {"--global-batch-size", "many"});
  CHECK_THROWS_WITH(settle_batch_size(job), Catch::Contains("is no number"));
}

}  // namespace amltrain
