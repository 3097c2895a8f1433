#include "compute/hostfile.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr int kMostSlotsOfHost = 4096;
constexpr std::uint64_t kLongestFile = 1 << 20;
constexpr std::string_view kSlots = "slots=";

/// Other signs mean something to ssh (-), to mpirun (comma, colon, ^, +) or to a shell.
bool is_host_name(std::string_view word) {
  const auto letter_or_digit = [](char sign) { return std::isalnum(static_cast<unsigned char>(sign)) != 0; };
  return letter_or_digit(word.front()) && word.size() <= 253 && std::ranges::all_of(word, [&](char sign) {
           return letter_or_digit(sign) || sign == '.' || sign == '-' || sign == '_';
         });
}

int slots_in(std::string_view word, const std::string& where) {
  const std::string_view digits = word.substr(std::min(kSlots.size(), word.size()));
  int slots = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), slots);
  const bool whole = problem == std::errc{} && end == digits.data() + digits.size();
  if (!word.starts_with(kSlots) || !whole || slots < 1 || slots > kMostSlotsOfHost)
    throw Error(
        category::bad_input,
        where + ": '" + printable(word) + "' is not slots=N, N from 1 to " + std::to_string(kMostSlotsOfHost),
        "a line is a host and how many processes it can have: node1 slots=4");
  return slots;
}

HostLine parse_line(std::istringstream& words, const std::string& name, const std::string& where) {
  if (!is_host_name(name))
    throw Error(category::bad_input, where + ": '" + printable(name) + "' is not the name of a host",
                "user, port and the like belong in a file for --ssh-config");
  HostLine host{name, 0};
  for (std::string word; words >> word;) host.slots += slots_in(word, where);
  return host;
}

void add(std::vector<HostLine>& hosts, HostLine line) {
  const auto same = std::ranges::find(hosts, line.name, &HostLine::name);
  if (same == hosts.end())
    hosts.push_back(std::move(line));
  else
    same->slots += line.slots;
}

}  // namespace

std::vector<HostLine> parse_hostfile(std::string_view text, const std::string& origin) {
  std::vector<HostLine> hosts;
  std::istringstream lines{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::istringstream words(line.substr(0, line.find('#')));
    if (std::string name; words >> name)
      add(hosts, parse_line(words, name, origin + ":" + std::to_string(number)));
  }
  if (hosts.empty())
    throw Error(category::bad_input, origin + " names no host", "write one a line: node1 slots=4");
  return hosts;
}

std::vector<HostLine> read_hostfile(const std::filesystem::path& file) {
  return parse_hostfile(read_file(file, kLongestFile), file.string());
}

}  // namespace amltrain
