// How many documents a YAML text is, without building any of them.
#pragma once

#include <string>

namespace amltrain {

/// True when there is a second one. yaml-cpp 0.7 makes documents without an end of some texts, as of one that
/// begins with a comma, and LoadAll() then takes memory until there is none. Throws YAML::Exception.
bool has_several_documents(const std::string& text);

}  // namespace amltrain
