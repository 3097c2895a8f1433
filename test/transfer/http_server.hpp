// A real HTTP server with faults, as a child process: see http_server.py beside this file for its paths.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace amltrain::test {

class HttpServer {
 public:
  /// Serves the files below `root` from the moment the constructor returns.
  explicit HttpServer(const std::filesystem::path& root);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// "http://127.0.0.1:PORT/" + path
  std::string url(const std::string& path) const { return base_ + path; }

  struct Asked {
    std::string path, range, if_range;  // empty: no such header
    int status;
  };
  /// Every request so far, in order.
  std::vector<Asked> log() const;

  /// Blocks until a request for `path` has come in; fails the test case after 20 s.
  void wait_for_request(const std::string& path) const;

 private:
  std::filesystem::path work_;
  std::string base_;
  pid_t pid_ = 0;
};

/// The same bytes for the same size, never repeating: what a cut and resumed copy is compared with.
std::string test_bytes(std::size_t size);

}  // namespace amltrain::test
