#include "transfer/http.hpp"

#include <strings.h>

#include <array>
#include <charconv>
#include <exception>
#include <memory>
#include <string_view>

#include "support/secrets.hpp"
#include "transfer/libcurl.hpp"

namespace amltrain {
namespace {

struct Freed {
  void operator()(CURL* session) const { libcurl().easy_cleanup(session); }
  void operator()(curl_slist* list) const { libcurl().slist_free_all(list); }
};
template <typename T>
using Held = std::unique_ptr<T, Freed>;

std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

/// "bytes FIRST-LAST/TOTAL"; a total of '*' is no use to us.
std::optional<ResponseHead::Range> parse_content_range(std::string_view text) {
  constexpr std::string_view kUnit = "bytes ";
  if (!text.starts_with(kUnit)) return std::nullopt;
  text.remove_prefix(kUnit.size());
  const auto first = take_number(text);
  if (!first || !text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  if (!take_number(text) || !text.starts_with('/')) return std::nullopt;
  text.remove_prefix(1);
  const auto total = take_number(text);
  if (!total || !text.empty()) return std::nullopt;
  return ResponseHead::Range{*first, *total};
}

/// What the callbacks of one exchange share. Nothing may be thrown through C: `thrown` carries it past.
struct Exchange {
  CURL* session;
  const std::function<void(const ResponseHead&)>& on_head;
  const std::function<void(std::span<const std::byte>)>& on_body;
  ResponseHead head;
  bool head_given = false;
  std::exception_ptr thrown;

  void give_head() {
    if (head_given) return;
    head_given = true;
    libcurl().easy_getinfo(session, CURLINFO_RESPONSE_CODE, &head.status);
    curl_off_t length = -1;
    libcurl().easy_getinfo(session, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0) head.length = static_cast<std::uint64_t>(length);
    on_head(head);
  }

  static std::size_t take_header(const char* text, std::size_t, std::size_t count, void* self) {
    auto& head = static_cast<Exchange*>(self)->head;
    std::string_view line(text, count);
    if (line.starts_with("HTTP/")) head = {};  // each response of a chain of redirects begins anew
    const std::size_t colon = line.find(':');
    if (colon == line.npos) return count;
    const std::string name(line.substr(0, colon));
    std::string_view value = line.substr(colon + 1);
    const std::size_t first = value.find_first_not_of(" \t"), last = value.find_last_not_of(" \t\r\n");
    value = first == value.npos || last == value.npos ? "" : value.substr(first, last - first + 1);
    if (strcasecmp(name.c_str(), "etag") == 0) head.etag = value;
    if (strcasecmp(name.c_str(), "last-modified") == 0) head.last_modified = value;
    if (strcasecmp(name.c_str(), "content-range") == 0) head.range = parse_content_range(value);
    return count;
  }

  static std::size_t take_body(const char* data, std::size_t, std::size_t count, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    try {
      exchange.give_head();
      exchange.on_body(std::as_bytes(std::span(data, count)));
      return count;
    } catch (...) {
      exchange.thrown = std::current_exception();
      return count + 1;  // any other number than count ends the transfer
    }
  }
};

HttpFailure failure_of_status(long status, const std::string& url, CURL* session) {
  HttpFailure failure;
  failure.status = status;
  failure.message = "the server answered HTTP " + std::to_string(status) + " for " + url;
  if (status == 404 || status == 410) {
    failure.kind = category::not_found;
    failure.hint = "check the address";
  } else if (status == 408 || status == 429 || status >= 500) {
    failure.may_pass = true;
    failure.hint = "try again later";
    curl_off_t seconds = 0;
    libcurl().easy_getinfo(session, CURLINFO_RETRY_AFTER, &seconds);
    failure.retry_after = std::chrono::seconds(seconds);
  } else {
    failure.kind = category::bad_input;
    failure.hint = status == 401 || status == 403
                       ? "it wants a login or refuses: fetch the file by other means and give its path"
                       : "check the address";
  }
  return failure;
}

HttpFailure failure_of_code(CURLcode code, const std::string& detail, const std::string& url) {
  HttpFailure failure;
  failure.message =
      "cannot download " + url + ": " + (detail.empty() ? libcurl().easy_strerror(code) : detail);
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      failure.kind = category::bad_input;
      failure.hint = "give an http, https or file address";
      break;
    case CURLE_TOO_MANY_REDIRECTS:
      failure.kind = category::bad_input;
      failure.hint = "the address leads in a circle: check it in a browser";
      break;
    case CURLE_FILE_COULDNT_READ_FILE:
      failure.kind = category::not_found;
      failure.hint = "check the path";
      break;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      failure.hint = "check the network and the settings http_proxy, https_proxy and no_proxy";
      break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      failure.hint = "check the machine's clock and its certificates (Debian: ca-certificates)";
      break;
    default:  // cut, stalled or garbled on the way
      failure.may_pass = true;
      failure.hint = "check the network and try again: what came so far is kept where the server allows it";
  }
  return failure;
}

}  // namespace

std::string ResponseHead::validator() const {
  return !etag.empty() && !etag.starts_with("W/") ? etag : last_modified;
}

std::optional<HttpFailure> http_get(const HttpRequest& request,
                                    const std::function<void(const ResponseHead&)>& on_head,
                                    const std::function<void(std::span<const std::byte>)>& on_body) {
  const LibCurl& lib = libcurl();
  const Held<CURL> session(lib.easy_init());
  if (!session) throw Error(category::environment, "libcurl gives no session: out of memory");
  CURL* const curl = session.get();
  Exchange exchange{curl, on_head, on_body, {}, false, {}};
  std::array<char, CURL_ERROR_SIZE> detail{};

  lib.easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  lib.easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,file");
  lib.easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  lib.easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  lib.easy_setopt(curl, CURLOPT_MAXREDIRS, 10L);
  lib.easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  lib.easy_setopt(curl, CURLOPT_USERAGENT, "amltrain");
  lib.easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  lib.easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 30L);
  lib.easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  lib.easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall.count()));
  lib.easy_setopt(curl, CURLOPT_ERRORBUFFER, detail.data());
  lib.easy_setopt(curl, CURLOPT_HEADERFUNCTION, Exchange::take_header);
  lib.easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
  lib.easy_setopt(curl, CURLOPT_WRITEFUNCTION, Exchange::take_body);
  lib.easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);

  Held<curl_slist> headers;
  if (request.offset > 0) {
    // Not CURLOPT_RESUME_FROM: with it libcurl takes a 200, "my copy has changed", for an error.
    lib.easy_setopt(curl, CURLOPT_RANGE, (std::to_string(request.offset) + "-").c_str());
    headers.reset(lib.slist_append(nullptr, ("If-Range: " + request.if_range).c_str()));
    lib.easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  }

  const CURLcode code = lib.easy_perform(curl);
  if (exchange.thrown) std::rethrow_exception(exchange.thrown);
  if (code == CURLE_OK) {
    exchange.give_head();  // an empty body
    return std::nullopt;
  }
  const std::string shown = without_secrets(request.url);
  if (code != CURLE_HTTP_RETURNED_ERROR) return failure_of_code(code, detail.data(), shown);
  long status = 0;
  lib.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return failure_of_status(status, shown, curl);
}

}  // namespace amltrain
