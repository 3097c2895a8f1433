#include "support/capture.hpp"

#include <catch2/catch.hpp>

#include "errors.hpp"

using namespace amltrain;
using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = 60s;

std::optional<Captured> shell(const std::string& text, std::size_t most_bytes = 1000,
                              std::chrono::milliseconds patience = kPatience) {
  Command command;
  command.arguments = {"/bin/sh", "-c", text};
  return capture(command, most_bytes, patience);
}

}  // namespace

TEST_CASE("what a command prints is there with how it ended", "[support]") {
  const auto captured = shell("echo one; echo two; exit 3");
  REQUIRE(captured);
  CHECK(captured->text == "one\ntwo\n");
  CHECK(captured->status.code == 3);
  CHECK(shell("head -c 200000 /dev/zero", 200000)->text.size() == 200000);
}

TEST_CASE("a command that prints too much or takes too long is ended with what it started", "[support]") {
  CHECK_FALSE(shell("yes"));
  CHECK_FALSE(shell("sleep 1000 & sleep 1000", 1000, 20ms));
}

TEST_CASE("a command to capture that isn't there is named", "[support]") {
  Command command;
  command.arguments = {"no-such-program"};
  CHECK(test::contains(test::error_of([&] { capture(command, 10, kPatience); }).what(), "no-such-program"));
}
