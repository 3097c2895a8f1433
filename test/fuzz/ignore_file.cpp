// An ignore file's patterns against a path: the text up to the last zero byte, and what is behind it.
#include "input.hpp"
#include "snapshot/ignore.hpp"
#include "snapshot/secrets.hpp"

void fuzz(amltrain::fuzz::Input input) {
  using namespace amltrain;
  const std::string_view text = input.text();
  const std::size_t middle = text.rfind('\0');
  const std::string_view path = middle == std::string_view::npos ? "a/b.txt" : text.substr(middle + 1);
  const IgnoreFile file(text.substr(0, middle));
  const auto as_file = file.verdict(path, EntryKind::file);
  const auto as_folder = file.verdict(path, EntryKind::folder);
  fuzz::require(!as_file || as_folder, "what ignores a file of a name ignores a folder of it");
  secret_by_name(path);
  secret_in_text(text);
}
