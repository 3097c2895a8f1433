// One HTTP exchange by libcurl, with what went wrong sorted by whether it may pass.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "support/error.hpp"

namespace amltrain {

struct HttpRequest {
  std::string url;             // http, https or file
  std::uint64_t offset = 0;    // above 0: a range request from this byte on
  std::string if_range;        // sent with a range request (RFC 9110, 13.1.5)
  std::chrono::seconds stall;  // a transfer below 1 byte/s (libcurl's mean of 5 s) for that long is cut
};

/// Of the last response, after redirects.
struct ResponseHead {
  long status = 0;                      // 0 for file:
  std::optional<std::uint64_t> length;  // of this body, bytes
  std::string etag, last_modified;      // empty: not sent
  struct Range {
    std::uint64_t first, total;
  };
  std::optional<Range> range;  // Content-Range, of a 206

  /// What If-Range can name: the ETag unless it is weak, else Last-Modified; empty when there is neither.
  std::string validator() const;
};

struct HttpFailure {
  category kind = category::environment;
  std::string message, hint;
  long status = 0;                      // of the response, 0 when there was none
  bool may_pass = false;                // a later attempt may succeed
  std::chrono::seconds retry_after{0};  // what the server asked for
};

/// Calls `on_head` once for a 200, a 206 or a file, then `on_body` for each piece. What these throw passes
/// through. Returns what went wrong, nothing on success. Redirects are followed, 10 at most and to http and
/// https alone.
std::optional<HttpFailure> http_get(const HttpRequest& request,
                                    const std::function<void(const ResponseHead&)>& on_head,
                                    const std::function<void(std::span<const std::byte>)>& on_body);

}  // namespace amltrain
