#include "job/secret_variables.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "job/definition.hpp"
#include "job/job_explanation.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain {

TEST_CASE("a secret is told by its name, or by its value", "[job]") {
  CHECK(is_secret_variable("HF_TOKEN", "x"));
  CHECK(is_secret_variable("PASSWORD", ""));
  CHECK(is_secret_variable("DATABASE", "postgres://me:hunter2@host/db"));
  CHECK(is_secret_variable("STORE", "https://host/blob?sv=1&sig=abc"));
  CHECK(is_secret_variable("STORE", "AccountName=a;AccountKey=b"));
  CHECK_FALSE(is_secret_variable("DATABASE", "postgres://host/db"));
  CHECK_FALSE(is_secret_variable("EPOCHS", "3"));
}

TEST_CASE("a job as a document has no value of a secret", "[job]") {
  JobDefinition job;
  job.command = "true";
  job.environment_variables = {{"EPOCHS", "3"}, {"HF_TOKEN", "hunter2"}};
  const std::string text = json(job).dump();
  CHECK_FALSE(test::contains(text, "hunter2"));
  const JobDefinition read = parse_job(json::parse(text));
  CHECK(read.environment_variables == Variables{{"EPOCHS", "3"}, {"HF_TOKEN", std::string(kNotKept)}});
  CHECK(json(read) == json(job));
  CHECK(secret_variables(job.environment_variables) == Variables{{"HF_TOKEN", "hunter2"}});
}

TEST_CASE("what was not kept comes from the environment, and what that lacks is named", "[job]") {
  Variables variables{
      {"EPOCHS", "3"}, {"A_TEST_TOKEN", std::string(kNotKept)}, {"B_TEST_KEY", std::string(kNotKept)}};
  setenv("A_TEST_TOKEN", "hunter2", 1);
  const Error problem = test::error_of([&] { recall_secrets(variables); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(test::contains(problem.what(), "B_TEST_KEY"));
  CHECK_FALSE(test::contains(problem.what(), "A_TEST_TOKEN"));
  setenv("B_TEST_KEY", "other", 1);
  recall_secrets(variables);
  CHECK(variables == Variables{{"EPOCHS", "3"}, {"A_TEST_TOKEN", "hunter2"}, {"B_TEST_KEY", "other"}});
  unsetenv("A_TEST_TOKEN");
  unsetenv("B_TEST_KEY");
}

TEST_CASE("an explained job file shows no value of a secret, whatever is wrong with it", "[job]") {
  for (const char* text :
       {"command: a\nenvironment_variables: {HF_TOKEN: hunter2, URL: 'redis://:hunter2@h'}\n",
        "command: a\nenvironment_variable: {HF_TOKEN: hunter2}\n",
        "command: a\nenvironment_variables: {HF_TOKEN: hunter2, A=B: [c]}\n",
        "command: a\ndisplay_name: https://me:hunter2@host\n"}) {
    const test::TemporaryFolder folder;
    test::write_plain(folder / "job.yml", text);
    INFO(text);
    const JobExplanation told = explain_job_file(folder / "job.yml", {});
    CHECK_FALSE(test::contains(json(told).dump(), "hunter2"));
    for (const Error& fault : told.faults) CHECK_FALSE(test::contains(fault.what(), "hunter2"));
  }
}

}  // namespace amltrain
