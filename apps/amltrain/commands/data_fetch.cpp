// data fetch
#include "../data_view.hpp"
#include "../progress_line.hpp"
#include "commands.hpp"

namespace amltrain::cli {

void add_data_fetch(CLI::App& data, Context& context) {
  auto* command = data.add_subcommand(
      "fetch", "Download an archive of images, unpack it, check it, and give it a name in the workspace.");
  auto& options = options_of<FetchRequest>(*command, [&context](const FetchRequest& chosen) {
    ProgressLine progress;
    FetchRequest request = chosen;
    if (!context.json_output()) {
      request.say = [&](const std::string& line) { progress.line(line); };
      request.progress = [&](std::uint64_t done, std::uint64_t total) { progress.transfer(done, total); };
    }
    show_data(context, fetch_data(context.workspace(), request));
  });
  command
      ->add_option("SOURCE", options.source,
                   "http, https or file URL, or an archive FILE (zip, tar, tar.gz, ...)")
      ->required();
  command->add_option("--name", options.name, "Name in the workspace; default: the file's")
      ->type_name("NAME");
  command->add_option("--sha256", options.sha256, "What the archive must hash to")->type_name("HEX");
  command->footer("Example: amltrain data fetch https://download.pytorch.org/tutorial/hymenoptera_data.zip");
}

}  // namespace amltrain::cli
