#include "job/placeholders.hpp"

#include <catch2/catch.hpp>

#include "job/definition.hpp"
#include "support/error.hpp"
#include "support/errors.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain {
namespace {

using test::error_of;

JobDefinition with(const std::string& command) {
  JobDefinition job;
  job.command = command;
  job.inputs["v"] = {};
  return job;
}

/// The words that /bin/sh makes of the command's arguments, one a line: the judge of our quoting.
std::string words_of_shell(const std::string& arguments) {
  const test::TemporaryFolder folder;
  Command command;
  command.arguments = {"/bin/sh", "-c", "printf '%s\\n' " + arguments};
  command.stdout_file = folder / "words";
  REQUIRE(wait_for(start_process(command)).ok());
  return test::read_plain(folder / "words");
}

}  // namespace

TEST_CASE("a shell reads each value as it is, wherever its placeholder stands", "[job]") {
  const std::string value =
      GENERATE(as<std::string>{}, "plain", "two words", "a'b", "a\"b", "$HOME `id` $(id)", "back\\slash", "",
               "; rm -rf x", "*", "new\nline", "-n");
  const std::string command =
      GENERATE(as<std::string>{}, "${{inputs.v}}", "\"${{inputs.v}}\"", "'${{inputs.v}}'",
               "--x=${{ inputs.v }}", "\"a\\\"${{inputs.v}}\"z", "it\\'s${{inputs.v}}");
  const auto stands = command.find("${{"), ends = command.find("}}") + 2;
  // What the shell makes of the same command with a harmless word in that place.
  std::string expected = words_of_shell(std::string(command).replace(stands, ends - stands, "WORD"));
  expected.replace(expected.find("WORD"), 4, value);
  CAPTURE(command, value);
  CHECK(words_of_shell(expand_command(with(command), {{"inputs.v", value}})) == expected);
}

TEST_CASE("placeholders are replaced and all else is kept", "[job]") {
  CHECK(expand_command(with("a ${{inputs.v}}b ${{  inputs.v  }} $v ${v} {{x}}"), {{"inputs.v", "1"}}) ==
        "a 1b 1 $v ${v} {{x}}");
  CHECK(expand_command(with("echo \\${{inputs.v}}"), {}) == "echo \\${{inputs.v}}");
}

TEST_CASE("a placeholder that is not defined is named, with the near one", "[job]") {
  JobDefinition job = with("x ${{inputs.leraning_rate}}");
  job.inputs["learning_rate"] = {};
  const Error problem = error_of([&] { expand_command(job, {{"inputs.learning_rate", "1"}}); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(std::string(problem.what()) ==
        "the command uses ${{inputs.leraning_rate}}, which the job does not define");
  CHECK(problem.hint() == "did you mean ${{inputs.learning_rate}}?");
}

TEST_CASE("what looks like a placeholder and is none is an error", "[job]") {
  for (const char* command :
       {"${{inputs.v", "${{v}}", "${{search_space.v}}", "${{inputs.}}", "${{inputs.a b}}", "${{}}"})
    CHECK(error_of([&] { find_placeholders(command); }).kind() == category::bad_input);
}

TEST_CASE("words with placeholders survive being split and joined", "[job]") {
  const auto words = split_with_placeholders("amltrain train --data '${{ inputs.data }}' --name 'a b'");
  REQUIRE(words);
  CHECK(*words ==
        std::vector<std::string>{"amltrain", "train", "--data", "${{inputs.data}}", "--name", "a b"});
  CHECK(join_with_placeholders(*words) == "amltrain train --data ${{inputs.data}} --name 'a b'");
  CHECK(join_with_placeholders({"x y${{inputs.v}}z", ""}) == "'x y'${{inputs.v}}z ''");
  CHECK_FALSE(split_with_placeholders("a | ${{inputs.data}}"));
}

}  // namespace amltrain
