#include "job/source_document.hpp"

#include <yaml-cpp/yaml.h>

#include <regex>
#include <set>

#include "job/json_numbers.hpp"
#include "job/yaml_documents.hpp"
#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain {
namespace {

constexpr std::uint64_t kMostBytes = 1 << 20;
constexpr int kMostValues = 10'000, kMostLevels = 32;

/// The type of a plain scalar: YAML 1.2.2, 10.3.2 Tag Resolution (core schema). What no JSON number can hold
/// (.inf, .nan, more than 64 bits) stays text.
json resolve_plain(const std::string& text) {
  static const std::regex integer("[-+]?[0-9]{1,18}"),
      real("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  static const std::set<std::string> nulls{"", "~", "null", "Null", "NULL"}, trues{"true", "True", "TRUE"},
      falses{"false", "False", "FALSE"};
  if (nulls.contains(text)) return nullptr;
  if (trues.contains(text)) return true;
  if (falses.contains(text)) return false;
  try {
    if (std::regex_match(text, integer)) return std::stoll(text);
    if (text.size() <= 64 && std::regex_match(text, real)) return std::stod(text);
  } catch (const std::out_of_range&) {
    return text;
  }
  return text;
}

class YamlReader {
 public:
  explicit YamlReader(const std::string& origin) : origin_(origin) {}

  SourceDocument read(const YAML::Node& root) && {
    json tree = convert(root, "", root.Mark(), 0);
    return {std::move(origin_), std::move(tree), std::move(places_)};
  }

 private:
  json convert(const YAML::Node& node, const std::string& pointer, const YAML::Mark& mark, int level) {
    // An alias is the node it names, so each use counts: a short file can't become a large tree.
    if (++values_ > kMostValues || level > kMostLevels)
      fail(node.Mark(), "holds more than " + std::to_string(kMostValues) + " values or " +
                            std::to_string(kMostLevels) + " levels, counted with its aliases");
    refuse_tag(node);
    places_[pointer] = {mark.line + 1, node.IsScalar() ? node.Scalar() : ""};
    if (node.IsMap()) return convert_map(node, pointer, level);
    if (node.IsSequence()) {
      json list = json::array();
      for (const YAML::Node& item : node)
        list.push_back(convert(item, pointer + "/" + std::to_string(list.size()), item.Mark(), level + 1));
      return list;
    }
    if (!node.IsScalar()) return nullptr;
    return node.Tag() == "?" ? resolve_plain(node.Scalar()) : json(node.Scalar());
  }

  json convert_map(const YAML::Node& node, const std::string& pointer, int level) {
    json map = json::object();
    for (const auto& entry : node) {
      const YAML::Node &key = entry.first, &value = entry.second;
      if (!key.IsScalar()) fail(key.Mark(), "a key must be a name");
      const std::string& name = key.Scalar();
      if (map.contains(name)) fail(key.Mark(), "'" + name + "' is given twice");
      json converted = convert(value, pointer + pointer_step(name), key.Mark(), level + 1);
      map[name] = std::move(converted);
    }
    return map;
  }

  /// Plain scalars carry "?", quoted ones "!", and collections "?" too; anything else was written by hand.
  void refuse_tag(const YAML::Node& node) const {
    const std::string& tag = node.Tag();
    if (!tag.empty() && tag != "?" && tag != "!" && tag != "tag:yaml.org,2002:str")
      fail(node.Mark(), "the tag '" + tag + "' is not read here");
  }

  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& problem) const {
    throw Error(category::bad_input, origin_ + ":" + std::to_string(mark.line + 1) + ": " + problem);
  }

  std::string origin_;
  std::map<std::string, SourceDocument::Place> places_;
  int values_ = 0;
};

}  // namespace

std::string pointer_step(const std::string& name) {
  std::string step = "/";
  for (const char c : name) {
    if (c == '~')
      step += "~0";
    else if (c == '/')
      step += "~1";
    else
      step += c;
  }
  return step;
}

/// yaml-cpp lets any bytes through.
void require_utf8(std::string_view text, const std::string& origin) {
  if (is_utf8(text)) return;
  std::size_t line = 1, start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1, ++line)
    if (!is_utf8(text.substr(start, end - start))) break;
  throw Error(category::bad_input, origin + ":" + std::to_string(line) + ": not UTF-8 text",
              "save the file in UTF-8");
}

SourceDocument parse_yaml(std::string_view text, const std::string& origin) {
  require_utf8(text, origin);
  try {
    // yaml-cpp 0.7 takes a quote that is open at the end of the text for closed, unless a document ends
    // there.
    const std::string ended = std::string(text) + (text.ends_with('\n') ? "...\n" : "\n...\n");
    if (has_several_documents(ended))
      throw Error(category::bad_input, origin + " holds more than one YAML document");
    const YAML::Node document = YAML::Load(ended);
    if (document.IsNull()) throw Error(category::bad_input, origin + " is empty");
    return YamlReader(origin).read(document);
  } catch (const YAML::Exception& problem) {
    throw Error(category::bad_input,
                origin + ":" + std::to_string(problem.mark.line + 1) + ": not YAML: " + problem.msg,
                "check indentation and quotes at column " + std::to_string(problem.mark.column + 1));
  }
}

SourceDocument parse_json_source(const std::string& text, const std::string& origin) {
  SourceDocument document{origin, parse_json(text, origin), {}};
  for (auto& [pointer, written] : written_numbers(text, origin))
    document.places[pointer] = {SourceDocument::kNoLine, written};
  return document;
}

SourceDocument read_source(const std::filesystem::path& file) {
  const std::string text = read_file(file, kMostBytes);
  SourceDocument document =
      file.extension() == ".json" ? parse_json_source(text, file.string()) : parse_yaml(text, file.string());
  // A pipe, as of a shell's <(...), lies nowhere that its paths could be seen from.
  document.folder = std::filesystem::is_regular_file(file) ? std::filesystem::absolute(file).parent_path()
                                                           : std::filesystem::current_path();
  return document;
}

}  // namespace amltrain
