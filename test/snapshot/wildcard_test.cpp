#include "snapshot/wildcard.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace amltrain {

// What git makes of whole ignore files is in ignore_test.cpp.
TEST_CASE("stars stop at a slash unless they span folders", "[snapshot]") {
  CHECK(Wildcard("*.py").matches("train.py"));
  CHECK_FALSE(Wildcard("*.py").matches("src/train.py"));
  CHECK(Wildcard("**/train.py").matches("train.py"));
  CHECK(Wildcard("**/train.py").matches("a/b/train.py"));
  CHECK(Wildcard("a/**/b").matches("a/b"));
  CHECK(Wildcard("a/**/b").matches("a/x/y/b"));
  CHECK_FALSE(Wildcard("a/**/b").matches("a/xb"));
  CHECK(Wildcard("a/**").matches("a/b/c"));
  CHECK_FALSE(Wildcard("a/**").matches("a"));
}

TEST_CASE("a pattern of many stars takes no more than its length times the path's", "[snapshot]") {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  CHECK_FALSE(Wildcard(pattern + "b").matches(std::string(4000, 'a')));
  CHECK(Wildcard(pattern).matches(std::string(4000, 'a')));
}

}  // namespace amltrain
