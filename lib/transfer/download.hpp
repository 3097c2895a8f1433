// HTTP(S) and file downloads by libcurl.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace amltrain {

struct DownloadOptions {
  std::string sha256;  // 64 hex digits, or the first digits of it; empty: not checked
  std::uint64_t max_bytes = std::uint64_t{1} << 40;
  int attempts =
      4;  // in a row that bring less than 1 MiB of new data; the next goes on where the last was cut
  std::chrono::milliseconds pause{
      500};  // before the second attempt; doubles, and a server's Retry-After may raise it
  std::chrono::seconds stall{60};  // without a byte for about that long, the connection counts as cut
  /// Called a few times a second and at the end; `total` is 0 when the server did not say.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

struct Downloaded {
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// Fetches `url` (http, https, file) into `target`, which appears only when whole and equal to the hash, and
/// replaces what has that name. A target that has the hash already is not fetched again. Partial data is kept
/// beside it as TARGET.part with its validator (ETag or Last-Modified, in TARGET.part.json), and gone on with
/// by the next attempt or call when the server's copy is the same; without a validator it is deleted. Two
/// processes that fetch the same target take turns. Redirects are followed (10 at most, http and https
/// alone). Throws Error{not_found} for 404 and 410, Error{bad_input} for a wrong hash (the partial file is
/// removed), a bad URL, 4xx or over max_bytes, Error{environment} when there is no network, the server fails,
/// or the disk is full.
Downloaded download(const std::string& url, const std::filesystem::path& target,
                    const DownloadOptions& options);

/// A SHA-256 or its first digits as a user gave them, in lower case. Throws Error{bad_input} for anything
/// else.
std::string parse_sha256(const std::string& text);

/// True for "http://", "https://" and "file://".
bool is_url(const std::string& text);

}  // namespace amltrain
