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
    follower.drain([&](std::uint64_t, const std::string& line) { lines.push_back(line); });
    return lines;
  }
  Lines finish() {
    Lines lines;
    follower.finish([&](std::uint64_t, const std::string& line) { lines.push_back(line); });
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

TEST_CASE("a follower that begins at a line gives what one from the beginning gives after it", "[job]") {
  const test::TemporaryFolder folder;
  test::write_plain(folder / "log", "one\ntwo\n\n" + std::string(100'000, 'x') + "\nfive");
  using Numbered = std::vector<std::pair<std::uint64_t, std::string>>;
  const auto from = [&](std::uint64_t number) {
    Numbered lines;
    LogFollower(folder / "log", number).finish([&](std::uint64_t at, const std::string& line) {
      lines.emplace_back(at, line);
    });
    return lines;
  };
  const Numbered all = from(1);
  CHECK(all.front() == std::pair<std::uint64_t, std::string>(1, "one"));
  CHECK(all.back() == std::pair<std::uint64_t, std::string>(5, "five"));
  for (std::uint64_t number = 2; number <= 6; ++number) {
    Numbered rest;
    for (const auto& line : all) {
      if (line.first >= number) rest.push_back(line);
    }
    CHECK(from(number) == rest);
  }
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
