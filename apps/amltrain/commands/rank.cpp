// rank: one process of a run that has several, started by mpirun (lib/job/rank_process.hpp) and by nobody
// else.
#include "commands.hpp"
#include "job/rank_process.hpp"

namespace amltrain::cli {
namespace {

struct RankOptions {
  std::string run;
  int procs_per_node = 1;
  std::vector<std::string> words;
};

}  // namespace

void add_rank(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand("rank", "Be one process of a run.");
  command->group("");  // hidden
  auto& options = options_of<RankOptions>(*command, [&context](const RankOptions& given) {
    context.exit_code = run_rank(RunPaths(context.workspace(), given.run), given.procs_per_node, given.words);
  });
  command->add_option("--run", options.run, "Run id")->required();
  command->add_option("--procs-per-node", options.procs_per_node, "Ranks of each node")->required();
  command->add_option("words", options.words, "Its command")->required();
  command->footer("Started by: mpirun, for amltrain submit");
}

}  // namespace amltrain::cli
