#include "checkpoint/match.hpp"

#include <cstdlib>

#include "support/error.hpp"

namespace amltrain {

void throw_other_training(const std::string& origin, const std::string& name, const json& before,
                          const json& present) {
  if (name == "data")
    throw Error(category::bad_input, origin + ": the data is not what this training began with",
                "files were added, removed or changed: restore them, or begin without --resume");
  throw Error(
      category::bad_input,
      origin + ": the training was begun with " + name + ' ' + before.dump() + ", not " + present.dump(),
      "give the options that it was begun with, or begin without --resume");
}

bool is_recorded_value(const json& recorded, const std::string& option, const std::string& text) {
  if (text == "auto" || option == "--weights" || (option == "--threads" && text == "0")) return true;
  if (recorded.is_number()) return std::strtod(text.c_str(), nullptr) == recorded.get<double>();
  if (recorded.is_boolean()) return recorded.get<bool>() == (text != "false");
  return recorded == text;
}

}  // namespace amltrain
