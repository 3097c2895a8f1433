#include "engine/train/metrics_mark.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"

namespace amltrain::engine {
namespace {

constexpr std::uint64_t kTail = 4096;

/// Absent for what is no regular file: a pipe or /dev/null has no place to go back to.
std::optional<std::uint64_t> size_of(const std::filesystem::path& file) {
  std::error_code absent;
  if (!std::filesystem::exists(file, absent)) return 0;
  if (!std::filesystem::is_regular_file(file, absent)) return std::nullopt;
  return std::filesystem::file_size(file);
}

/// Of the bytes before `end`, which the file has: the file may be large, and is marked often.
std::string tail_hash(const std::filesystem::path& file, std::uint64_t end) {
  const std::uint64_t begin = end - std::min(kTail, end);
  std::string tail(static_cast<std::size_t>(end - begin), '\0');
  if (tail.empty()) return sha256_of("");
  const Fd open_file(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!open_file || pread(open_file.get(), tail.data(), tail.size(), static_cast<off_t>(begin)) !=
                        static_cast<ssize_t>(tail.size()))
    throw_errno("cannot read " + file.string());
  return sha256_of(tail);
}

bool begins_with_marked(const std::filesystem::path& file, std::uint64_t size, const MetricsMark& mark) {
  return size >= mark.bytes && tail_hash(file, mark.bytes) == mark.tail_sha256;
}

}  // namespace

MetricsMark mark_metrics(const std::filesystem::path& file) {
  if (file.empty()) return {};
  const std::optional<std::uint64_t> size = size_of(file);
  if (!size) return {};
  return {std::filesystem::absolute(file).lexically_normal().string(), *size, tail_hash(file, *size)};
}

bool return_to_mark(const std::filesystem::path& file, const MetricsMark& mark) {
  if (file.empty()) return true;
  const std::optional<std::uint64_t> size = size_of(file);
  if (!size || mark.file.empty()) return false;
  if (begins_with_marked(file, *size, mark)) {
    if (*size > mark.bytes) cut_file(file, mark.bytes);
    return true;
  }
  const std::optional<std::uint64_t> marked = *size == 0 ? size_of(mark.file) : std::nullopt;
  if (!marked || !begins_with_marked(mark.file, *marked, mark)) return false;
  publish_file(file, std::string_view(read_file(mark.file)).substr(0, static_cast<std::size_t>(mark.bytes)));
  return true;
}

}  // namespace amltrain::engine
