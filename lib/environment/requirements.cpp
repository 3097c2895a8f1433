#include "environment/requirements.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/secrets.hpp"

// The format: pip's documentation, "Requirements File Format".
namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLongest = std::uint64_t{1} << 20;
/// Files that include others many times over grow without a circle.
constexpr std::size_t kMostLines = 20'000;
constexpr std::array<std::string_view, 8> kArchives{".whl", ".zip",     ".tar.gz", ".tgz",
                                                    ".tar", ".tar.bz2", ".tbz",    ".tar.xz"};

struct Line {
  std::string place;  // "FILE:LINE"
  std::string text;
};

/// Comments begin at a '#' that is first or behind a blank.
std::string without_comment(const std::string& text) {
  std::size_t end = 0;
  while ((end = text.find('#', end)) != std::string::npos && end > 0 && text[end - 1] != ' ' &&
         text[end - 1] != '\t')
    ++end;
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos || begin >= end) return "";
  return text.substr(begin, text.find_last_not_of(" \t", end - 1) - begin + 1);
}

/// Joined at a backslash, without comments and blanks around.
std::vector<Line> read_lines(const fs::path& file) {
  std::vector<Line> lines;
  std::istringstream text(read_file(file, kLongest));
  int number = 0;
  bool goes_on = false;
  for (std::string part; std::getline(text, part);) {
    ++number;
    if (part.ends_with('\r')) part.pop_back();
    const bool goes_on_here = part.ends_with('\\');
    if (goes_on_here) part.pop_back();
    if (goes_on)
      lines.back().text += part;
    else
      lines.push_back({file.string() + ":" + std::to_string(number), part});
    goes_on = goes_on_here;
  }
  for (Line& line : lines) line.text = without_comment(line.text);
  std::erase_if(lines, [](const Line& line) { return line.text.empty(); });
  return lines;
}

/// The value of an option in any of its forms: "-r x", "-rx", "--requirement x", "--requirement=x".
std::optional<std::string> value_of(const std::string& line, std::string_view brief, std::string_view name) {
  std::string_view rest(line);
  if (line.starts_with(name) && (line.size() == name.size() || line[name.size()] == '=' ||
                                 line[name.size()] == ' ' || line[name.size()] == '\t'))
    rest.remove_prefix(name.size());
  else if (line.starts_with(brief))
    rest.remove_prefix(brief.size());
  else
    return std::nullopt;
  const std::size_t begin = rest.find_first_not_of("= \t");
  std::string value(begin == std::string_view::npos ? "" : rest.substr(begin));
  if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
    value = value.substr(1, value.size() - 2);
  return value;
}

bool is_url(std::string_view text) { return text.find("://") != std::string_view::npos; }

/// "/a/x.whl" of "/a/x.whl ; python_version > '3'", "/a/x.whl[extra]" and "/a/x.whl --hash=sha256:...".
std::string path_part(const std::string& requirement) {
  return requirement.substr(
      0, std::min({requirement.find(" ;"), requirement.find(" --"), requirement.find('[')}));
}

/// As pip tells a path from a name.
bool looks_like_a_path(const std::string& requirement) {
  const std::string path = path_part(requirement);
  if (is_url(path) || path.find('@') < path.find('/')) return false;
  return path.starts_with('.') || path.find('/') != std::string::npos ||
         std::any_of(kArchives.begin(), kArchives.end(),
                     [&](std::string_view ending) { return path.ends_with(ending); });
}

bool names_a_file_url(const std::string& requirement) {
  const std::size_t at = requirement.find("file:");
  return at != std::string::npos &&
         (at == 0 || std::string_view("@+ ").find(requirement[at - 1]) != std::string_view::npos);
}

class Reader {
 public:
  explicit Reader(EnvironmentSpec& spec) : spec_(spec) {}

  void read(const fs::path& file, std::vector<std::string>& into) {
    const fs::path real = fs::absolute(file).lexically_normal();
    if (std::find(above_.begin(), above_.end(), real) != above_.end())
      throw Error(category::bad_input, real.string() + " includes itself",
                  "take the -r or -c out that leads back");
    above_.push_back(real);
    for (const Line& line : read_lines(real)) take(line, real.parent_path(), into);
    above_.pop_back();
  }

  void take(const Line& line, const fs::path& folder, std::vector<std::string>& into) {
    if (++lines_ > kMostLines)
      throw Error(category::bad_input, line.place + ": more than " + std::to_string(kMostLines) +
                                           " requirements, counted with the files that are included");
    const auto absolute = [&](const std::string& path) {
      return (folder / path).lexically_normal().string();
    };
    const std::string& text = line.text;
    if (text.find_first_of("\r\n") != std::string::npos) fail(line, "a requirement of several lines", "");
    if (holds_password(text))
      fail(line, "a password in a URL would be kept in records",
           "write ${NAME} in its place and set that variable, or use pip's own configuration");
    if (const auto included = value_of(text, "-r", "--requirement")) {
      read(absolute(*included), into);
    } else if (const auto limits = value_of(text, "-c", "--constraint")) {
      read(absolute(*limits), spec_.constraints);
    } else if (value_of(text, "-e", "--editable")) {
      fail(line, "an editable requirement is not fixed by its content",
           "build a wheel of it and name that, or send it with --source");
    } else if (const auto links = value_of(text, "-f", "--find-links")) {
      into.push_back("--find-links " + (is_url(*links) ? *links : absolute(*links)));
    } else if (names_a_file_url(text)) {
      fail(line, "a file: URL is not read here", "write the path of the file alone");
    } else if (!text.starts_with('-') && looks_like_a_path(text)) {
      const std::string path = path_part(text);
      const fs::path file = absolute(path);
      if (!fs::exists(file))
        throw Error(category::not_found, line.place + ": there is no file " + file.string());
      if (fs::is_directory(file))
        fail(line, "a folder is not fixed by its content",
             "build a wheel of it and name that, or send it with --source");
      into.push_back(file.string() + text.substr(path.size()));
    } else {
      into.push_back(text);
    }
  }

 private:
  [[noreturn]] static void fail(const Line& line, const std::string& problem, const std::string& hint) {
    throw Error(category::bad_input, line.place + ": " + problem, hint);
  }

  EnvironmentSpec& spec_;
  std::vector<fs::path> above_;  // files that lead to the one being read
  std::size_t lines_ = 0;
};

}  // namespace

void add_requirements(EnvironmentSpec& spec, const fs::path& file) {
  Reader(spec).read(file, spec.requirements);
}

void add_requirement_lines(EnvironmentSpec& spec, std::span<const std::string> lines, const fs::path& folder,
                           const std::string& origin) {
  Reader reader(spec);
  for (const std::string& line : lines) {
    const std::string text = without_comment(line);
    if (!text.empty()) reader.take({origin, text}, fs::absolute(folder), spec.requirements);
  }
}

std::map<std::string, std::string> hash_local_files(const EnvironmentSpec& spec) {
  std::map<std::string, std::string> hashes;
  for (const auto* lines : {&spec.requirements, &spec.constraints}) {
    for (const std::string& line : *lines) {
      if (!line.starts_with('/')) continue;
      const std::string path = path_part(line);
      hashes[path] = sha256_of_file(path);
    }
  }
  return hashes;
}

}  // namespace amltrain
