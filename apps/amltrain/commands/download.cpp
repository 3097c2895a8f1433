// download
#include "../table.hpp"
#include "commands.hpp"
#include "registry/artifacts.hpp"
#include "support/text.hpp"

namespace amltrain::cli {
namespace {

struct DownloadOptions {
  std::string name, folder = ".";
  std::vector<std::string> patterns;
  bool force = false;
};

void download(Context& context, const DownloadOptions& chosen) {
  const Artifacts artifacts = find_artifacts(context.workspace(), chosen.name);
  const std::vector<HashedFile> files = select(artifacts, chosen.patterns);
  if (files.empty())
    throw Error(category::not_found, artifacts.title + " has no files",
                artifacts.records.empty() ? "" : "its logs: amltrain download " + chosen.name + " logs");
  copy_verified(files, artifacts.folder, chosen.folder, chosen.force);

  const std::string target = std::filesystem::absolute(chosen.folder).lexically_normal().string();
  json document = list_document("amltrain.download/1", files);
  document["folder"] = target;
  context.print(document, [&](std::ostream& out) {
    for (const HashedFile& file : files) {
      out << printable((std::filesystem::path(chosen.folder) / file.path).lexically_normal().string())
          << '\n';
    }
  });
  context.notice("Downloaded " + std::to_string(files.size()) + " files of " + artifacts.title + " to " +
                 target);
}

}  // namespace

void add_download(CLI::App& program, Context& context) {
  auto* command =
      program.add_subcommand("download", "Copy files of a run or a model, each checked against its hash.");
  auto& options = options_of<DownloadOptions>(
      *command, [&context](const DownloadOptions& chosen) { download(context, chosen); });
  command->add_option("RUN|MODEL", options.name, "Run id or its beginning, or MODEL, or MODEL:VERSION")
      ->required();
  command->add_option("PATH", options.patterns,
                      "Files, folders or globs, of a run also of its logs; default: all outputs or files");
  command->add_option("--to", options.folder, "Folder that they go to; made when absent")->type_name("DIR");
  command->add_flag("--force", options.force, "Overwrite files that are there");
  command->footer("Example: amltrain download pt-dnn:1 '*.pt' --to model");
}

}  // namespace amltrain::cli
