// The options of `submit` for a program of the user's own.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "job/source_job.hpp"

namespace amltrain::cli {

class SourceOptions {
 public:
  /// After the options that --source can't stand beside.
  explicit SourceOptions(CLI::App& command);

  const std::string& folder() const { return folder_; }  // empty: --source was not given
  bool show_snapshot() const { return show_snapshot_; }
  /// --entry, --python and the words behind "--". The path of an interpreter is absolute, since the job runs
  /// in another folder.
  SourceEntry entry() const;

 private:
  std::string folder_, entry_, python_;
  std::vector<std::string> arguments_;
  bool show_snapshot_ = false;
};

}  // namespace amltrain::cli
