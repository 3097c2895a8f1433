#include "job/secret_inputs.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

constexpr const char* kSigned = "https://store/x.csv?sv=1&sig=hunter2";

JobDefinition job_with(const std::string& url) {
  JobDefinition job;
  job.command = "cat ${{inputs.table}}";
  job.inputs = {{"table", {"uri_file", url}}, {"open", {"uri_file", "https://store/y.csv?page=2"}}};
  return job;
}

struct Variable {
  explicit Variable(const char* value) { setenv("AMLTRAIN_INPUT_table", value, 1); }
  ~Variable() { unsetenv("AMLTRAIN_INPUT_table"); }
};

}  // namespace

TEST_CASE("a job as a document has no password and no signature of an input's URL", "[job]") {
  for (const char* url : {kSigned, "https://me:hunter2@store/x.csv"}) {
    const JobDefinition job = job_with(url);
    const std::string text = json(job).dump();
    CHECK_FALSE(contains(text, "hunter2"));
    CHECK(contains(text, "https://store/y.csv?page=2"));
    CHECK(json(parse_job(json::parse(text))) == json(job));
    CHECK(secret_inputs(job) == Variables{{"AMLTRAIN_INPUT_table", url}});
  }
}

TEST_CASE("what a URL lacks comes from the environment, which then has it no more", "[job]") {
  JobDefinition job = parse_job(json(job_with(kSigned)));
  const Error problem = error_of([&] { recall_inputs(job); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "AMLTRAIN_INPUT_table"));
  const Variable variable(kSigned);
  take_inputs(job);
  CHECK(job.inputs.at("table").value == kSigned);
  CHECK(std::getenv("AMLTRAIN_INPUT_table") == nullptr);
}

TEST_CASE("another signature of the same address will do, another address will not", "[job]") {
  JobDefinition job = parse_job(json(job_with(kSigned)));
  {
    const Variable variable("https://store/other.csv?sv=1&sig=hunter2");
    const Error problem = error_of([&] { recall_inputs(job); });
    CHECK(problem.kind() == category::bad_input);
    CHECK_FALSE(contains(problem.what(), "hunter2"));
  }
  const Variable variable("https://store/x.csv?sv=2&sig=hunter3");
  recall_inputs(job);
  CHECK(contains(job.inputs.at("table").value, "hunter3"));
}
