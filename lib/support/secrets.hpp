// What is nobody else's business, as far as its looks tell.
#pragma once

#include <string_view>

namespace amltrain {

/// True when the text holds a URL with a password or token before its host (SCHEME://[USER]:PASSWORD@HOST,
/// SCHEME://TOKEN@HOST; but git@HOST, and any user alone over ssh), or with a shared access signature (?sig=,
/// &sig=). What is written as $NAME or ${NAME} is none.
bool holds_password(std::string_view text);

}  // namespace amltrain
