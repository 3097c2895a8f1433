#include "history/git_state.hpp"

namespace amltrain {

void to_json(json& out, const GitState& git) {
  const auto or_null = [](const std::string& text) { return text.empty() ? json(nullptr) : json(text); };
  out = {{"folder", git.folder},
         {"commit", or_null(git.commit)},
         {"branch", or_null(git.branch)},
         {"changed", git.changed},
         {"diff", git.diff ? json(*git.diff) : json(nullptr)},
         {"left_out", git.left_out}};
}

GitState parse_git_state(const json& in) {
  GitState git;
  git.folder = field<std::string>(in, "folder");
  git.commit = field_or<std::string>(in, "commit", "");
  git.branch = field_or<std::string>(in, "branch", "");
  git.changed = field<bool>(in, "changed");
  if (const auto diff = optional_field<json>(in, "diff")) git.diff = parse_hashed_file(*diff);
  git.left_out = field_or<std::vector<std::string>>(in, "left_out", {});
  return git;
}

}  // namespace amltrain
