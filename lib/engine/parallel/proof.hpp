// How a process shows another that it knows the secret of their run, without saying it.
#pragma once

#include <string>
#include <string_view>

namespace amltrain::engine {

/// HMAC-SHA-256 (RFC 2104), as hexadecimal.
std::string keyed_hash(std::string_view key, std::string_view message);

/// Takes as long whichever letter differs.
bool is_same_text(std::string_view one, std::string_view other);

}  // namespace amltrain::engine
