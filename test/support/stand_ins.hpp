// Shell scripts that are found in PATH before the real programs, as long as this lives.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/temporary_folder.hpp"

namespace amltrain::test {

class StandIns {
 public:
  StandIns() { setenv("PATH", (folder_.path().string() + ":" + before_).c_str(), 1); }
  ~StandIns() { setenv("PATH", before_.c_str(), 1); }
  StandIns(const StandIns&) = delete;
  StandIns& operator=(const StandIns&) = delete;

  void add(const std::string& program, const std::string& script) const {
    write_plain(folder_ / program, "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(folder_ / program, std::filesystem::perms::owner_all);
  }
  /// For what they leave.
  std::filesystem::path folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  const std::string before_ = std::getenv("PATH");
};

}  // namespace amltrain::test
