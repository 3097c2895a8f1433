// What is nobody else's business, as far as its looks tell.
#pragma once

#include <string_view>

namespace amltrain {

/// True when the text holds a URL with a password or token before its host (SCHEME://[USER]:PASSWORD@HOST,
/// SCHEME://TOKEN@HOST; but git@HOST, and any user alone over ssh), or with a shared access signature (?sig=,
/// &sig=). What is written as $NAME or ${NAME} is none.
bool holds_password(std::string_view text);

/// True for the name of a setting that is likely to be a secret: one of its words, parted by anything but
/// letters and digits, is TOKEN, KEY, SECRET, PASSWORD, CREDENTIALS, SAS or the like, ends so (APIKEY), or
/// two of them are CONNECTION STRING. Capitals don't count.
bool is_name_of_secret(std::string_view name);

}  // namespace amltrain
