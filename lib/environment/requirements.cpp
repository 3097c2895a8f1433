#include "environment/requirements.hpp"

#include <algorithm>
#include <sstream>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLongest = std::uint64_t{1} << 20;
constexpr int kDeepest = 16;

struct Line {
  int number;  // of its first
  std::string text;
};

/// Joined at a backslash, without comments (" #" to the end) and blanks around, as pip reads them.
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
      lines.push_back({number, part});
    goes_on = goes_on_here;
  }
  for (Line& line : lines) {
    for (std::size_t at = 0; (at = line.text.find('#', at)) != std::string::npos; ++at) {
      if (at > 0 && line.text[at - 1] != ' ' && line.text[at - 1] != '\t') continue;
      line.text.erase(at);
      break;
    }
    const std::size_t begin = line.text.find_first_not_of(" \t");
    line.text = begin == std::string::npos
                    ? ""
                    : line.text.substr(begin, line.text.find_last_not_of(" \t") - begin + 1);
  }
  std::erase_if(lines, [](const Line& line) { return line.text.empty(); });
  return lines;
}

/// The value of an option in any of its forms: "-r x", "-rx", "--requirement x", "--requirement=x".
std::optional<std::string> value_of(const std::string& line, const std::string& brief,
                                    const std::string& name) {
  for (const std::string& form : {name, brief}) {
    if (form.empty() || !line.starts_with(form)) continue;
    std::string rest = line.substr(form.size());
    if (form == name && !rest.empty() && rest[0] != '=' && rest[0] != ' ' && rest[0] != '\t') continue;
    const std::size_t begin = rest.find_first_not_of("= \t");
    return begin == std::string::npos ? "" : rest.substr(begin);
  }
  return std::nullopt;
}

bool is_url(const std::string& text) { return text.find("://") != std::string::npos; }

bool looks_like_a_path(const std::string& requirement) {
  return requirement.starts_with('.') || requirement.starts_with('/') || requirement.starts_with('~');
}

/// "/a/x.whl" of "/a/x.whl ; python_version > '3'" and "/a/x.whl[extra]".
std::string path_part(const std::string& requirement) {
  return requirement.substr(0, std::min(requirement.find(" ;"), requirement.find('[')));
}

class Reader {
 public:
  explicit Reader(EnvironmentSpec& spec) : spec_(spec) {}

  void read(const fs::path& file, std::vector<std::string>& into, int depth = 0) {
    if (depth > kDeepest)
      throw Error(category::bad_input, file.string() + ": requirements files include each other");
    for (const Line& line : read_lines(file)) take(file, line, into, depth);
  }

 private:
  void take(const fs::path& file, const Line& line, std::vector<std::string>& into, int depth) {
    const fs::path folder = fs::absolute(file).parent_path();
    const auto absolute = [&](const std::string& path) {
      return (folder / path).lexically_normal().string();
    };
    const auto fail = [&](const std::string& problem, const std::string& hint) {
      throw Error(category::bad_input, file.string() + ":" + std::to_string(line.number) + ": " + problem,
                  hint);
    };
    if (const auto included = value_of(line.text, "-r", "--requirement")) {
      read(absolute(*included), into, depth + 1);
    } else if (const auto limits = value_of(line.text, "-c", "--constraint")) {
      read(absolute(*limits), spec_.constraints, depth + 1);
    } else if (value_of(line.text, "-e", "--editable")) {
      fail("an editable requirement is not fixed by its content",
           "build a wheel of it and name that, or send it with --source");
    } else if (const auto links = value_of(line.text, "-f", "--find-links")) {
      into.push_back("--find-links " + (is_url(*links) ? *links : absolute(*links)));
    } else if (looks_like_a_path(line.text)) {
      const std::string path = absolute(path_part(line.text));
      if (!fs::exists(path))
        throw Error(category::not_found,
                    file.string() + ":" + std::to_string(line.number) + ": there is no file " + path);
      if (fs::is_directory(path))
        fail("a folder is not fixed by its content",
             "build a wheel of it and name that, or send it with --source");
      into.push_back(path + line.text.substr(path_part(line.text).size()));
    } else {
      into.push_back(line.text);
    }
  }

  EnvironmentSpec& spec_;
};

}  // namespace

void add_requirements(EnvironmentSpec& spec, const fs::path& file) {
  Reader(spec).read(file, spec.requirements);
}

std::map<std::string, std::string> hash_local_files(const EnvironmentSpec& spec) {
  std::map<std::string, std::string> hashes;
  for (const std::string& line : spec.requirements) {
    if (!line.starts_with('/')) continue;
    const std::string path = path_part(line);
    hashes[path] = sha256_of_file(path);
  }
  return hashes;
}

}  // namespace amltrain
