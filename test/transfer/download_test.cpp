// download() against a real HTTP server with faults.
#include "transfer/download.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <thread>

#include "../support/errors.hpp"
#include "../support/temporary_folder.hpp"
#include "http_server.hpp"
#include "support/hash.hpp"

using namespace amltrain;
using test::contains;
using test::error_of;
using test::HttpServer;
using test::read_plain;
using test::TemporaryFolder;

namespace {

const std::size_t kSize = 300'000;

/// A server with one file, and a folder to download into.
struct Site {
  TemporaryFolder root, here;
  std::string content = test::test_bytes(kSize);
  std::string sha256 = sha256_of(content);
  std::filesystem::path target = here / "photos.zip";
  std::filesystem::path part = here / "photos.zip.part", document = here / "photos.zip.part.json";
  HttpServer server;

  Site() : server((test::write_plain(root / "photos.zip", test::test_bytes(kSize)), root.path())) {}

  static DownloadOptions quick(int attempts = 4) {
    DownloadOptions options;
    options.attempts = attempts;
    options.pause = std::chrono::milliseconds(1);
    return options;
  }
  Downloaded get(const std::string& path, const DownloadOptions& options = quick()) const {
    return download(server.url(path), target, options);
  }
};

}  // namespace

TEST_CASE("a file is downloaded whole, with its hash, and nothing lies beside it", "[transfer]") {
  Site site;
  std::uint64_t done = 0, total = 0;
  auto options = Site::quick();
  options.sha256 = site.sha256;
  options.progress = [&](std::uint64_t now, std::uint64_t all) { done = now, total = all; };
  const Downloaded got = site.get("photos.zip", options);
  CHECK(got.bytes == kSize);
  CHECK(got.sha256 == site.sha256);
  CHECK(read_plain(site.target) == site.content);
  CHECK(test::entries_in(site.here.path()) == 1);
  CHECK(done == kSize);
  CHECK(total == kSize);
}

TEST_CASE("an empty file is downloaded as an empty file", "[transfer]") {
  Site site;
  test::write_plain(site.root / "empty", "");
  CHECK(site.get("empty").bytes == 0);
  CHECK(std::filesystem::exists(site.target));
}

TEST_CASE("a cut connection is resumed where it was cut, under the server's ETag", "[transfer]") {
  Site site;
  site.get("cut/100000/photos.zip");
  CHECK(read_plain(site.target) == site.content);
  const auto log = site.server.log();
  REQUIRE(log.size() == 2);
  CHECK(log[1].range == "bytes=100000-");
  CHECK(log[1].if_range.starts_with("\""));
  CHECK(log[1].status == 206);
}

TEST_CASE("attempts in a row without news are bounded, and the next call goes on with the part",
          "[transfer]") {
  Site site;
  const Error problem = error_of([&] { site.get("cut-always/100000/photos.zip", Site::quick(2)); });
  CHECK(problem.kind() == category::environment);
  CHECK_FALSE(std::filesystem::exists(site.target));
  CHECK(std::filesystem::file_size(site.part) == 200'000);
  CHECK(std::filesystem::exists(site.document));

  site.get("cut-always/100000/photos.zip", Site::quick(1));
  CHECK(read_plain(site.target) == site.content);
  CHECK(site.server.log().back().range == "bytes=200000-");
  CHECK(test::entries_in(site.here.path()) == 1);
}

TEST_CASE("a part of another address is not gone on with", "[transfer]") {
  Site site;
  error_of([&] { site.get("cut-always/100000/photos.zip", Site::quick(1)); });
  site.get("photos.zip");
  CHECK(read_plain(site.target) == site.content);
  CHECK(site.server.log().back().range.empty());
}

TEST_CASE("a part with a damaged document is begun anew", "[transfer]") {
  Site site;
  error_of([&] { site.get("cut/100000/photos.zip", Site::quick(1)); });
  test::write_plain(site.document, "{\"schema\": ");
  site.get("cut/100000/photos.zip", Site::quick(1));
  CHECK(read_plain(site.target) == site.content);
  CHECK(site.server.log().back().range.empty());
}

TEST_CASE("a file that changed between attempts is downloaded anew, never joined from two", "[transfer]") {
  const std::string fault = GENERATE("changed", "changed-silently");
  Site site;
  const std::string other(site.content.rbegin(), site.content.rend());
  site.get(fault + "/100000/photos.zip");
  CHECK(read_plain(site.target) == other);
}

TEST_CASE("a server without ranges is asked for the whole again and leaves no part", "[transfer]") {
  Site site;
  site.get("no-range/cut/100000/photos.zip");
  CHECK(read_plain(site.target) == site.content);
  CHECK(site.server.log().back().range.empty());

  error_of([&] { site.get("no-range/cut-always/100000/photos.zip", Site::quick(1)); });
  CHECK_FALSE(std::filesystem::exists(site.part));
  CHECK_FALSE(std::filesystem::exists(site.document));
}

TEST_CASE("an answer from another offset than was asked for is not appended", "[transfer]") {
  Site site;
  error_of([&] { site.get("wrong-range/cut-always/100000/photos.zip", Site::quick(2)); });
  CHECK_FALSE(std::filesystem::exists(site.target));
  site.get("wrong-range/cut/100000/photos.zip");
  CHECK(read_plain(site.target) == site.content);
}

TEST_CASE("a body without a length is taken until the connection ends", "[transfer]") {
  Site site;
  site.get("no-length/photos.zip");
  CHECK(read_plain(site.target) == site.content);
}

TEST_CASE("redirects are followed, a loop of them is an error", "[transfer]") {
  Site site;
  site.get("redirect/3/photos.zip");
  CHECK(read_plain(site.target) == site.content);
  const Error problem = error_of([&] { site.get("redirect-loop/photos.zip"); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(site.server.log().size() < 20);
}

TEST_CASE("a redirect to a local file is refused", "[transfer]") {
  Site site;
  const std::string path =
      GENERATE("redirect-to/file%3A%2F%2F%2Fetc%2Fpasswd", "redirect-to/ftp%3A%2F%2F127.0.0.1%2Fa");
  CHECK(error_of([&] { site.get(path); }).kind() == category::bad_input);
  CHECK(test::entries_in(site.here.path()) == 0);
}

TEST_CASE("a wrong hash is an error and the partial file is removed", "[transfer]") {
  Site site;
  auto options = Site::quick();
  options.sha256 = std::string(64, '0');
  const Error problem = error_of([&] { site.get("photos.zip", options); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), site.sha256));
  CHECK(test::entries_in(site.here.path()) == 0);
}

TEST_CASE("a hash may be given by its first digits, in any case", "[transfer]") {
  Site site;
  auto options = Site::quick();
  options.sha256 = site.sha256.substr(0, 8);
  for (char& digit : options.sha256) digit = static_cast<char>(std::toupper(digit));
  CHECK(site.get("photos.zip", options).sha256 == site.sha256);
  options.sha256 = "no hash";
  CHECK(error_of([&] { site.get("photos.zip", options); }).kind() == category::bad_input);
}

TEST_CASE("a target that has the hash is not downloaded again", "[transfer]") {
  Site site;
  auto options = Site::quick();
  options.sha256 = site.sha256;
  site.get("photos.zip", options);
  CHECK(site.get("photos.zip", options).bytes == kSize);
  CHECK(site.server.log().size() == 1);
}

TEST_CASE("an answer of the server decides the category and whether it is asked again", "[transfer]") {
  struct Case {
    const char* status;
    category kind;
    std::size_t requests;
  };
  const Case row = GENERATE(Case{"404", category::not_found, 1}, Case{"410", category::not_found, 1},
                            Case{"403", category::bad_input, 1}, Case{"500", category::environment, 3},
                            Case{"503", category::environment, 3}, Case{"429", category::environment, 3});
  Site site;
  const std::string path = "status/" + std::string(row.status) + "/photos.zip";
  const Error problem = error_of([&] { site.get(path, Site::quick(3)); });
  CHECK(problem.kind() == row.kind);
  CHECK(contains(problem.what(), row.status));
  CHECK_FALSE(problem.hint().empty());
  CHECK(site.server.log().size() == row.requests);
  CHECK(test::entries_in(site.here.path()) == 0);
}

TEST_CASE("a server that fails once and then answers is good enough", "[transfer]") {
  Site site;
  site.get("status-once/500/photos.zip");
  CHECK(read_plain(site.target) == site.content);
}

TEST_CASE("a connection that falls silent counts as cut", "[transfer]") {
  Site site;
  auto options = Site::quick(1);
  options.stall = std::chrono::seconds(1);
  CHECK(error_of([&] { site.get("stall/1000/photos.zip", options); }).kind() == category::environment);
  CHECK(std::filesystem::file_size(site.part) == 1000);
}

TEST_CASE("a slow server is waited for, and progress is told on the way", "[transfer]") {
  Site site;
  int told = 0;
  auto options = Site::quick();
  options.stall = std::chrono::seconds(5);
  options.progress = [&](std::uint64_t, std::uint64_t) { ++told; };
  site.get("slow/60/photos.zip", options);
  CHECK(read_plain(site.target) == site.content);
  CHECK(told >= 2);
}

TEST_CASE("a file over the limit is refused before and while it comes", "[transfer]") {
  Site site;
  auto options = Site::quick();
  options.max_bytes = kSize - 1;
  const std::string path = GENERATE("photos.zip", "no-length/photos.zip");
  CHECK(error_of([&] { site.get(path, options); }).kind() == category::bad_input);
  CHECK_FALSE(std::filesystem::exists(site.target));
}

TEST_CASE("no network is an environment fault that names the host", "[transfer]") {
  TemporaryFolder here;
  // Port 1 of this machine: nobody listens.
  const auto problem = error_of([&] { download("http://127.0.0.1:1/a.zip", here / "a.zip", {}); });
  CHECK(problem.kind() == category::environment);
  CHECK(contains(problem.what(), "127.0.0.1"));
  CHECK(test::entries_in(here.path()) == 0);
}

TEST_CASE("a file address is copied, and what is no address is refused", "[transfer]") {
  Site site;
  download("file://" + (site.root / "photos.zip").string(), site.target, {});
  CHECK(read_plain(site.target) == site.content);
  CHECK(error_of([&] { download("file:///no/such/file", site.target, {}); }).kind() == category::not_found);
  CHECK(error_of([&] { download("ftp://127.0.0.1/a", site.target, {}); }).kind() == category::bad_input);
  CHECK(error_of([&] { download("http://", site.target, {}); }).kind() == category::bad_input);
  CHECK(is_url("https://a/b.zip"));
  CHECK_FALSE(is_url("photos.zip"));
}

TEST_CASE("a password in an address is not shown", "[transfer]") {
  TemporaryFolder here;
  const auto problem = error_of([&] { download("http://me:secret@127.0.0.1:1/a.zip", here / "a.zip", {}); });
  CHECK_FALSE(contains(problem.what() + problem.hint(), "secret"));
}

TEST_CASE("two downloads of one target at once both give it whole", "[transfer]") {
  Site site;
  auto options = Site::quick();
  options.sha256 = site.sha256;
  std::string seen[2];
  std::thread first([&] { seen[0] = site.get("slow/30/photos.zip", options).sha256; });
  site.server.wait_for_request("/slow/30/photos.zip");
  std::thread second([&] { seen[1] = site.get("slow/30/photos.zip", options).sha256; });
  first.join();
  second.join();
  CHECK(seen[0] == site.sha256);
  CHECK(seen[1] == site.sha256);
  CHECK(test::entries_in(site.here.path()) == 1);
  CHECK(site.server.log().size() == 1);  // the second waited and found the file there
}

TEST_CASE("a full disk is an environment fault and leaves no file under the final name", "[transfer]") {
  Site site;
  // In a child process: the limit on the size of files stands in for the disk's end and can't be undone.
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit limit{100'000, 100'000};
    std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      site.get("photos.zip");
      _exit(1);
    } catch (const Error& problem) {
      _exit(problem.kind() == category::environment ? 0 : 2);
    }
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK_FALSE(std::filesystem::exists(site.target));
  site.get("photos.zip");
  CHECK(read_plain(site.target) == site.content);
  CHECK(site.server.log().back().range == "bytes=100000-");
}
