#include "job/source_change.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "support/error.hpp"

namespace amltrain {
namespace {

struct Change {
  std::vector<std::string> path;
  std::string value;
};

Change parse_change(const std::string& change) {
  const std::size_t sign = change.find('=');
  const auto fail = [&] {
    throw Error(category::bad_input, "--set " + change + " is no PATH=VALUE",
                "write for example --set inputs.epochs=3");
  };
  if (sign == std::string::npos || sign == 0) fail();
  Change parsed{{}, change.substr(sign + 1)};
  for (std::size_t begin = 0; begin <= sign;) {
    const std::size_t end = std::min(change.find('.', begin), sign);
    if (end == begin) fail();
    parsed.path.push_back(change.substr(begin, end - begin));
    begin = end + 1;
  }
  return parsed;
}

void forget_places(SourceDocument& document, const std::string& pointer) {
  std::erase_if(document.places, [&](const auto& place) {
    return place.first == pointer || place.first.starts_with(pointer + "/");
  });
}

}  // namespace

void change_source(SourceDocument& document, const std::string& change) {
  const Change parsed = parse_change(change);
  json* at = &document.tree;
  std::string pointer, walked;
  for (auto part = parsed.path.begin(); part != parsed.path.end(); ++part) {
    if (at->is_null()) *at = json::object();
    if (!at->is_object())
      throw Error(
          category::bad_input,
          "--set " + change + ": " + (walked.empty() ? "the document" : walked) + " is no map of names",
          walked.empty() ? "" : "set it as a whole: --set " + walked + "=...");
    walked += (walked.empty() ? "" : ".") + *part;
    pointer += pointer_step(*part);
    const bool made = !at->contains(*part);
    at = &(*at)[*part];
    if (made) document.places[pointer] = {0, ""};
  }
  const SourceDocument value = parsed.value.find_first_not_of(" \t") == std::string::npos
                                   ? SourceDocument{"", json(""), {{"", {0, ""}}}}
                                   : parse_yaml(parsed.value, "--set " + walked);
  *at = value.tree;
  forget_places(document, pointer);
  for (const auto& [below, place] : value.places) document.places[pointer + below] = {0, place.text};
}

SourceDocument read_changed_source(const std::filesystem::path& file,
                                   const std::vector<std::string>& changes) {
  SourceDocument document = read_source(file);
  for (const std::string& change : changes) change_source(document, change);
  return document;
}

}  // namespace amltrain
