#include "source_options.hpp"

#include <filesystem>

namespace amltrain::cli {

SourceOptions::SourceOptions(CLI::App& command) {
  CLI::Option* const source =
      command
          .add_option("--source", folder_,
                      "Folder of a program of your own, which a copy of is run; .amlignore, else .gitignore, "
                      "says what stays behind")
          ->type_name("DIR")
          ->excludes("--file")
          ->excludes("--resume");
  command
      .add_option("--entry", entry_,
                  "What of it is run: *.sh by bash, *.py by Python, else an executable; by default train.sh, "
                  "train.py, run.sh, main.py or the only one there is")
      ->type_name("FILE")
      ->needs(source);
  command
      .add_option("--python", python_,
                  "Python that runs the entry, or that the environment is made from: a version, a name in "
                  "PATH or a path [python3]")
      ->type_name("PYTHON")
      ->needs(source);
  command
      .add_option("ARGS", arguments_,
                  "After --: arguments of the entry, which may hold ${{inputs.data}}, the folder of --data")
      ->needs(source);
  command
      .add_flag("--show-snapshot", show_snapshot_,
                "With --dry-run: print what of the source would go, what stays behind, and the largest files")
      ->needs("--dry-run");
}

SourceEntry SourceOptions::entry() const {
  const bool is_path = python_.find('/') != std::string::npos;
  return {entry_, is_path ? std::filesystem::absolute(python_).lexically_normal().string() : python_,
          arguments_};
}

}  // namespace amltrain::cli
