#include "http_server.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <random>
#include <thread>

#include "support/files.hpp"
#include "support/json.hpp"
#include "support/process.hpp"
#include "transfer/http.hpp"

namespace amltrain::test {
namespace {

/// One line from `fd` within 20 s.
std::string read_line(int fd) {
  std::string line;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!line.ends_with('\n')) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd ready{fd, POLLIN, 0};
    if (left.count() <= 0 || poll(&ready, 1, static_cast<int>(left.count())) <= 0)
      FAIL("http_server.py does not start");
    std::array<char, 64> piece;
    const ssize_t count = read(fd, piece.data(), piece.size());
    if (count > 0) line.append(piece.data(), static_cast<std::size_t>(count));
  }
  line.pop_back();
  return line;
}

}  // namespace

HttpServer::HttpServer(const std::filesystem::path& root) {
  std::string name = (std::filesystem::temp_directory_path() / "amltrain-server-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  work_ = name;
  // Its standard output is a named pipe, open at both ends here, so that neither side waits for the other's
  // open.
  const auto pipe = work_ / "port";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const Fd port(open(pipe.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  REQUIRE(port);
  Command command;
  command.arguments = {AMLTRAIN_TEST_PYTHON, AMLTRAIN_TEST_HTTP_SERVER, "--root", root.string()};
  command.stdout_file = pipe;
  pid_ = start_process(command);
  base_ = "http://127.0.0.1:" + read_line(port.get()) + "/";
}

HttpServer::~HttpServer() {
  kill(pid_, SIGKILL);
  wait_for(pid_);
  std::error_code ignored;
  std::filesystem::remove_all(work_, ignored);
}

std::vector<HttpServer::Asked> HttpServer::log() const {
  std::string text;
  const auto failure = http_get(
      {url("log"), 0, "", std::chrono::seconds(20)}, [](const ResponseHead&) {},
      [&](std::span<const std::byte> piece) {
        text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      });
  REQUIRE_FALSE(failure);
  std::vector<Asked> asked;
  for (const json& entry : parse_json(text, "log"))
    asked.push_back({field<std::string>(entry, "path"), field_or<std::string>(entry, "range", ""),
                     field_or<std::string>(entry, "if_range", ""), field<int>(entry, "status")});
  return asked;
}

void HttpServer::wait_for_request(const std::string& path) const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < deadline) {
    for (const Asked& asked : log())
      if (asked.path == path) return;
    std::this_thread::yield();
  }
  FAIL("no request for " << path);
}

std::string test_bytes(std::size_t size) {
  std::mt19937 random(4);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

}  // namespace amltrain::test
