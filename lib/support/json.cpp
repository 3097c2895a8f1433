#include "support/json.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/json_text.hpp"
#include "support/nesting.hpp"
#include "support/sealed.hpp"

namespace amltrain {
namespace {

/// nlohmann's message without its "[json.exception.type_error.302] " in front.
std::string plain_reason(std::string_view reason) {
  const std::size_t end = reason.starts_with('[') ? reason.find("] ") : std::string_view::npos;
  return std::string(end == std::string_view::npos ? reason : reason.substr(end + 2));
}

/// The dotted path of the first text that is no UTF-8, name or value; empty when there is none.
std::string place_of_other_bytes(const json& value) {
  for (const auto& [name, member] : value.items()) {
    const std::string step = as_utf8(name);
    if (step != name || (member.is_string() && !is_utf8(member.get_ref<const std::string&>()))) return step;
    if (!member.is_structured()) continue;
    const std::string deeper = place_of_other_bytes(member);
    if (!deeper.empty()) return step + "." + deeper;
  }
  return "";
}

/// The start of a value, enough to find it by.
std::string excerpt(const json& value) {
  constexpr std::size_t kLongest = 80;
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

}  // namespace

bool is_utf8(std::string_view text) { return as_utf8(text) == text; }

std::string as_utf8(std::string_view text) { return json::parse(lossy_text(text)).get<std::string>(); }

std::string recorded_text(const json& document, int indent) {
  try {
    return document.dump(indent);
  } catch (const json::type_error&) {
    throw Error(category::bad_input, "'" + place_of_other_bytes(document) + "' is not UTF-8 text",
                "records are JSON and hold no other bytes; write it in UTF-8");
  }
}

json parse_json(std::string_view text, const std::string& origin) {
  if (is_nested_too_deeply(text))
    throw Error(category::bad_input,
                origin + " is nested more than " + std::to_string(kDeepestNesting) + " deep");
  try {
    return json::parse(text);
  } catch (const json::parse_error& problem) {
    throw Error(category::bad_input, origin + " is not JSON at byte " + std::to_string(problem.byte) + ": " +
                                         plain_reason(problem.what()));
  } catch (const json::exception& problem) {  // a number that no double can hold
    throw Error(category::bad_input, origin + " is not JSON we can hold: " + plain_reason(problem.what()));
  }
}

json read_document(const std::filesystem::path& path, std::string_view schema) {
  json document = read_sealed(path);
  require_schema(document, schema, path.string());
  return document;
}

void require_schema(const json& document, std::string_view schema, const std::string& origin) {
  const auto found = document.is_object() ? document.find("schema") : document.end();
  if (found == document.end() || !found->is_string())
    throw Error(category::bad_input,
                origin + " carries no schema; '" + std::string(schema) + "' was expected");
  const std::string& actual = found->get_ref<const std::string&>();
  if (actual == schema) return;
  const auto kind = [](std::string_view name) { return name.substr(0, name.rfind('/')); };
  const bool other_version = kind(actual) == kind(schema);
  throw Error(category::bad_input,
              origin + " has schema '" + actual + "'; this amltrain reads '" + std::string(schema) + "'",
              other_version ? "read it with the amltrain that wrote it" : "");
}

void throw_bad_field(const json& object, const char* name, const char* reason) {
  throw Error(category::bad_input,
              "field '" + std::string(name) + "' " + plain_reason(reason) + " in " + excerpt(object));
}

LinesRead read_whole_lines(const std::filesystem::path& path, std::uint64_t from) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    if (errno == ENOENT) return {"", from};
    throw_errno("cannot read " + path.string());
  }
  struct stat status {};
  if (fstat(file.get(), &status) != 0) throw_errno("cannot read " + path.string());
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size <= from) return {"", from};

  std::string text(size - from, '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t count =
        pread(file.get(), text.data() + filled, text.size() - filled, static_cast<off_t>(from + filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("cannot read " + path.string());
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  text.resize(filled);
  const std::size_t last = text.rfind('\n');
  text.resize(last == std::string::npos ? 0 : last + 1);
  const std::uint64_t end = from + text.size();
  return {std::move(text), end};
}

}  // namespace amltrain
