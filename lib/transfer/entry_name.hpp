// Names of archive entries, as strangers wrote them.
#pragma once

#include <string>
#include <string_view>

namespace amltrain {

/// `name` relative to the folder, without ".", doubled or trailing '/': "./a//b/" gives "a/b", "./" gives "".
/// Throws Error{bad_input} for an absolute path, "..", control characters, or bytes that are not UTF-8. That
/// no name leaves the folder is not decided here but by the kernel, at the open: this only says early and
/// clearly what is wrong.
std::string clean_entry_name(std::string_view name);

/// For messages: control characters and bytes above 126 as \xHH.
std::string shown_name(std::string_view name);

}  // namespace amltrain
