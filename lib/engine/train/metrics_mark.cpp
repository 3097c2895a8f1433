#include "engine/train/metrics_mark.hpp"

#include <algorithm>
#include <optional>

#include "support/files.hpp"
#include "support/hash.hpp"

namespace amltrain::engine {
namespace {

constexpr std::size_t kTail = 4096;

/// Absent for what is no regular file: a pipe or /dev/null has no place to go back to.
std::optional<std::string> content(const std::filesystem::path& file) {
  std::error_code absent;
  if (!std::filesystem::exists(file, absent)) return "";
  if (!std::filesystem::is_regular_file(file, absent)) return std::nullopt;
  return read_file(file);
}

std::string tail_hash(std::string_view beginning) {
  return sha256_of(beginning.substr(beginning.size() - std::min(kTail, beginning.size())));
}

bool begins_with_marked(const std::string& text, const MetricsMark& mark) {
  return text.size() >= mark.bytes && tail_hash(std::string_view(text).substr(
                                          0, static_cast<std::size_t>(mark.bytes))) == mark.tail_sha256;
}

}  // namespace

MetricsMark mark_metrics(const std::filesystem::path& file) {
  if (file.empty()) return {};
  const std::optional<std::string> text = content(file);
  if (!text) return {};
  return {std::filesystem::absolute(file).lexically_normal().string(), text->size(), tail_hash(*text)};
}

bool return_to_mark(const std::filesystem::path& file, const MetricsMark& mark) {
  if (file.empty()) return true;
  const std::optional<std::string> text = content(file);
  if (!text || mark.file.empty()) return false;
  if (begins_with_marked(*text, mark)) {
    if (text->size() > mark.bytes) cut_file(file, mark.bytes);
    return true;
  }
  const std::optional<std::string> marked = text->empty() ? content(mark.file) : std::nullopt;
  if (!marked || !begins_with_marked(*marked, mark)) return false;
  publish_file(file, std::string_view(*marked).substr(0, static_cast<std::size_t>(mark.bytes)));
  return true;
}

}  // namespace amltrain::engine
