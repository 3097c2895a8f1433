// Wildcards as git reads them in ignore files (gitignore(5), wildmatch).
#pragma once

#include <bitset>
#include <string_view>
#include <vector>

namespace amltrain {

/// A path is matched whole, with '/' between its parts. '?' and sets match one byte, '*' any number, none of
/// them a '/'; "**" between slashes, or at an end beside one, spans folders; '\' takes the next byte as it
/// is. The time to match is at most that of length of pattern x length of path.
class Wildcard {
 public:
  explicit Wildcard(std::string_view pattern);
  bool matches(std::string_view path) const;

 private:
  struct Step {
    enum class Kind { byte, set, any_in_folder, any, folders } kind;  // folders: "" or anything up to a '/'
    char byte = 0;
    std::bitset<256> set{};
  };
  void add_stars(std::string_view pattern, std::size_t& at);

  std::vector<Step> steps_;
  bool broken_ = false;  // a set or an escape that does not end: matches nothing
};

}  // namespace amltrain
