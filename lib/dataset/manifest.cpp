#include "dataset/manifest.hpp"

#include "dataset/store.hpp"
#include "support/error.hpp"
#include "support/hash.hpp"

namespace amltrain {
namespace {

constexpr std::size_t kHexDigits = 64;
constexpr std::string_view kGap = "  ";

/// As sha256sum writes a name that holds a backslash or an end of a line, and marks its line.
std::string line_of(const HashedFile& file) {
  std::string name, mark;
  for (const char letter : file.path) {
    const char* escaped = letter == '\\' ? "\\\\" : letter == '\n' ? "\\n" : letter == '\r' ? "\\r" : nullptr;
    if (escaped != nullptr) mark = "\\";
    name += escaped != nullptr ? std::string(escaped) : std::string(1, letter);
  }
  return mark + file.sha256 + std::string(kGap) + name + "\n";
}

std::string unescape(std::string_view name) {
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '\\' && i + 1 < name.size()) {
      ++i;
      plain += name[i] == 'n' ? '\n' : name[i] == 'r' ? '\r' : name[i];
    } else {
      plain += name[i];
    }
  }
  return plain;
}

}  // namespace

std::string write_manifest(const std::filesystem::path& folder) {
  std::string text;
  for (const HashedFile& file : hash_tree(folder / kDataFiles)) text += line_of(file);
  publish_file(folder / kManifest, text);
  return sha256_of(text);
}

std::vector<HashedFile> read_manifest(const std::filesystem::path& folder) {
  const std::string text = read_file(folder / kManifest);
  std::vector<HashedFile> files;
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    std::string_view line = std::string_view(text).substr(start, end - start);
    const bool escaped = line.starts_with('\\');
    if (escaped) line.remove_prefix(1);
    if (line.size() <= kHexDigits + kGap.size() || line.substr(kHexDigits, kGap.size()) != kGap)
      throw Error(category::bad_input, (folder / kManifest).string() + ": line " +
                                           std::to_string(files.size() + 1) + " is none of sha256sum");
    const std::string_view name = line.substr(kHexDigits + kGap.size());
    files.push_back(
        {escaped ? unescape(name) : std::string(name), 0, std::string(line.substr(0, kHexDigits))});
  }
  return files;
}

}  // namespace amltrain
