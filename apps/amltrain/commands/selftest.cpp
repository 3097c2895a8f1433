// selftest: what the program promises, tried on this machine.
#include <limits>

#include "../checks.hpp"
#include "../table.hpp"
#include "commands.hpp"
#include "selftest/resume.hpp"
#include "support/hash.hpp"
#include "support/process.hpp"
#include "support/scratch_folder.hpp"

namespace amltrain::cli {
namespace {

struct ResumeCommand {
  ResumeTestOptions test;
};

void resume(Context& context, const ResumeCommand& chosen) {
  const ScratchFolder scratch(std::filesystem::temp_directory_path() /
                              ("amltrain-selftest-" + random_hex(8)));
  const ResumeTestResult result = test_resume(own_executable(), scratch.path(), chosen.test,
                                              [&](const std::string& line) { context.notice(line); });
  context.print(result, [&](std::ostream& out) {
    Fields fields;
    fields.add("Kills",
               std::to_string(result.kills) + " in " + std::to_string(result.trainings) + " trainings");
    fields.add("Configurations", std::to_string(result.configurations.size()));
    for (const auto& [phase, count] : result.phases) fields.add("In " + phase, std::to_string(count));
    fields.add("In a checkpoint", std::to_string(result.in_checkpoints));
    for (const auto& [length, count] : result.chains)
      fields.add("Killed " + std::to_string(length) + (length == 1 ? " time" : " times"),
                 std::to_string(count) + (count == 1 ? " training" : " trainings"));
    fields.add("Differing", std::to_string(result.differing.size()));
    fields.print(out);
  });
  if (!result.differing.empty()) context.exit_code = static_cast<int>(category::run_failed);
}

}  // namespace

void add_selftest(CLI::App& program, Context& context) {
  auto* group = program.add_subcommand("selftest", "Try on this machine what the program promises.");
  group->require_subcommand(1)->footer("Example: amltrain selftest resume");
  auto* command = group->add_subcommand(
      "resume",
      "Kill small trainings at random and at aimed moments, resume them, and compare them with ones left "
      "alone.");
  auto& options = options_of<ResumeCommand>(
      *command, [&context](const ResumeCommand& chosen) { resume(context, chosen); });
  command->add_option("--kills", options.test.kills, "Kills in all")
      ->type_name("N")
      ->check(whole_number(1, 1'000'000));
  command
      ->add_option("--configurations", options.test.configurations,
                   "What is trained: the first N, or names with commas; else all")
      ->type_name("N|NAMES");
  command->add_option("--jobs", options.test.jobs, "Trainings side by side")
      ->type_name("N")
      ->check(whole_number(1, 64));
  command->add_option("--seed", options.test.seed, "Of the random moments")
      ->type_name("N")
      ->check(whole_number(0, std::numeric_limits<long long>::max()));
  command->footer("Example: amltrain selftest resume --kills 20");
}

}  // namespace amltrain::cli
