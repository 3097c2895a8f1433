// Where the source of a run stood in its git repository: part of a run's definition.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/file_set.hpp"
#include "support/json.hpp"

namespace amltrain {

struct GitState {
  std::string folder;                 // that was looked at; absolute
  std::string commit;                 // 40 or 64 hex digits; empty: none yet
  std::string branch;                 // empty: none is checked out
  bool changed = false;               // something in `folder` is not as in the commit, or not known to git
  std::optional<HashedFile> diff;     // of the run's folder: output of `git diff --binary HEAD`
  std::vector<std::string> left_out;  // paths that differ and are not in `diff`, since they hold secrets
};
void to_json(json& out, const GitState& git);
GitState parse_git_state(const json& in);

}  // namespace amltrain
