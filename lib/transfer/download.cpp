#include "transfer/download.hpp"

#include <algorithm>
#include <cctype>
#include <thread>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/secrets.hpp"
#include "support/text.hpp"
#include "transfer/http.hpp"
#include "transfer/part_file.hpp"

namespace amltrain {
namespace {

constexpr std::uint64_t kProgress = 1 << 20;  // bytes that make an attempt worth another one
constexpr std::chrono::seconds kLongestPause{60};

/// Thrown out of the transfer: the bytes that come don't continue the part.
struct OtherCopy {};

void require_within(std::uint64_t bytes, const DownloadOptions& options, const std::string& url) {
  if (bytes > options.max_bytes)
    throw Error(category::bad_input,
                without_secrets(url) + " is larger than " + human_bytes(options.max_bytes),
                "raise the limit, or check the address");
}

/// Not every server honours If-Range, so the 206 is looked at too. It may leave out Last-Modified (RFC
/// 9110, 15.3.7).
bool continues(const PartFile& part, const ResponseHead& head) {
  const std::string validator = head.validator();
  return head.range && head.range->first == part.size() &&
         (validator.empty() || validator == part.validator()) &&
         (!part.total() || head.range->total == *part.total());
}

/// One attempt at what is missing of `part`.
std::optional<HttpFailure> fetch_rest(PartFile& part, const std::string& url,
                                      const DownloadOptions& options) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point last_told;
  if (part.validator().empty()) part.begin("", std::nullopt);  // nothing tells whether the rest would fit

  const auto on_head = [&](const ResponseHead& head) {
    if (head.status == 206) {
      if (!continues(part, head)) throw OtherCopy{};
      return;
    }
    require_within(head.length.value_or(0), options, url);
    part.begin(head.status == 0 ? "" : head.validator(), head.length);
  };
  const auto on_body = [&](std::span<const std::byte> bytes) {
    require_within(part.size() + bytes.size(), options, url);
    part.append(bytes);
    if (!options.progress || Clock::now() - last_told < std::chrono::milliseconds(200)) return;
    last_told = Clock::now();
    options.progress(part.size(), part.total().value_or(0));
  };

  const HttpFailure changed{category::environment,
                            "the file at " + without_secrets(url) + " changed while it was downloaded",
                            "try again",
                            0,
                            true,
                            {}};
  try {
    auto failure = http_get({url, part.size(), part.validator(), options.stall}, on_head, on_body);
    if (failure && failure->status == 416) {
      part.begin("", std::nullopt);
      return changed;
    }
    return failure;
  } catch (const OtherCopy&) {
    part.begin("", std::nullopt);
    return changed;
  }
}

}  // namespace

Downloaded download(const std::string& url, const std::filesystem::path& target,
                    const DownloadOptions& options) {
  if (!is_url(url))
    throw Error(category::bad_input, "'" + url + "' is no address",
                "give one that begins with https://, http:// or file://");
  const std::string expected = parse_sha256(options.sha256);
  create_folders(std::filesystem::absolute(target).parent_path());

  PartFile part(target, url, !expected.empty());
  if (!expected.empty() && std::filesystem::is_regular_file(target)) {
    // Perhaps by the process that we waited for.
    const std::string present = sha256_of_file(target);
    if (present.starts_with(expected)) return {std::filesystem::file_size(target), present};
  }

  std::uint64_t farthest = part.size();
  int attempt = 1;
  auto pause = options.pause;
  while (!part.is_whole()) {
    const auto failure = fetch_rest(part, url, options);
    if (!failure) break;
    if (part.size() >= farthest + kProgress) {
      farthest = part.size();
      attempt = 0;
      pause = options.pause;
    }
    if (!failure->may_pass || attempt >= options.attempts)
      throw Error(failure->kind, failure->message, failure->hint);
    ++attempt;
    std::this_thread::sleep_for(std::min<std::chrono::milliseconds>(
        std::max<std::chrono::milliseconds>(pause, failure->retry_after), kLongestPause));
    pause *= 2;
  }
  const Downloaded done = part.commit(expected);
  if (options.progress) options.progress(done.bytes, done.bytes);
  return done;
}

std::string parse_sha256(const std::string& text) {
  std::string hash = text;
  std::ranges::transform(hash, hash.begin(), [](unsigned char digit) { return std::tolower(digit); });
  if (hash.size() > 64 || hash.find_first_not_of("0123456789abcdef") != hash.npos)
    throw Error(category::bad_input, "'" + text + "' is no SHA-256",
                "give its 64 hexadecimal digits, as sha256sum prints them");
  return hash;
}

bool is_url(const std::string& text) {
  return text.starts_with("http://") || text.starts_with("https://") || text.starts_with("file://");
}

}  // namespace amltrain
