#include "job/log_follower.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <vector>

#include "support/temporary_folder.hpp"

namespace amltrain {
namespace {

using Lines = std::vector<std::string>;

struct Log {
  test::TemporaryFolder folder;
  LogFollower follower{folder / "log"};

  void append(const std::string& text) const { std::ofstream(folder / "log", std::ios::app) << text; }
  Lines drain() {
    Lines lines;
    follower.drain([&](const std::string& line) { lines.push_back(line); });
    return lines;
  }
  Lines finish() {
    Lines lines;
    follower.finish([&](const std::string& line) { lines.push_back(line); });
    return lines;
  }
};

}  // namespace

TEST_CASE("a line is given once, when it is ended", "[job]") {
  Log log;
  CHECK(log.drain().empty());
  log.append("one\ntw");
  CHECK(log.drain() == Lines{"one"});
  CHECK(log.drain().empty());
  log.append("o\n\nthree\n");
  CHECK(log.drain() == Lines{"two", "", "three"});
}

TEST_CASE("the end of the run ends the last line", "[job]") {
  Log log;
  log.append("one\nlast words");
  CHECK(log.finish() == Lines{"one", "last words"});
  CHECK(log.finish().empty());
}

TEST_CASE("lines across and longer than the reader's chunks are whole or in pieces, and nothing is lost",
          "[job]") {
  Log log;
  std::string all;
  for (int line = 0; line < 20'000; ++line) all += "line " + std::to_string(line) + '\n';
  log.append(all);
  std::string seen;
  for (const std::string& line : log.drain()) seen += line + '\n';
  CHECK(seen == all);

  log.append(std::string(200'000, 'x') + "\nend\n");
  const Lines pieces = log.drain();
  CHECK(pieces.size() > 2);
  CHECK(pieces.back() == "end");
  std::size_t length = 0;
  for (const std::string& piece : pieces) length += piece.size();
  CHECK(length == 200'003);
}

}  // namespace amltrain
