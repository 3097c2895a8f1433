// What is nobody else's business, as far as its looks tell.
#pragma once

#include <string>
#include <string_view>

namespace amltrain {

/// Stands in a URL in place of what is a secret.
inline constexpr std::string_view kMasked = "***";

/// `url` as it may be shown and stored: kMasked in place of what stands before its host (but git@HOST, and
/// any user alone over ssh), and of the values in its query that are likely to be secrets: sig, any
/// signature, and those with the name of a secret. With a signature also of those that say who signed what
/// until when, so that the same address is the same text however often it is signed.
std::string without_secrets(std::string_view url);
/// True of what without_secrets() made of a URL that had some.
bool lacks_secrets(std::string_view url);

/// True when the text holds a URL from which without_secrets() takes something, or a shared access signature
/// alone (?sig=, &sig=). What is written as $NAME counts for none: who reads such a text expands it.
bool holds_password(std::string_view text);

/// True for the name of a setting that is likely to be a secret: one of its words, parted by anything but
/// letters and digits, is TOKEN, KEY, SECRET, PASSWORD, CREDENTIALS, SAS or the like, ends so (APIKEY), or
/// two of them are CONNECTION STRING. Capitals don't count.
bool is_name_of_secret(std::string_view name);

}  // namespace amltrain
