#include "support/nesting.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace amltrain {
namespace {

std::string nested(int depth, char open = '[', char close = ']') {
  const auto count = static_cast<std::size_t>(depth);
  return std::string(count, open) + std::string(count, close);
}

TEST_CASE("the deepest document is nested as deeply as is told, and no deeper", "[support]") {
  CHECK_FALSE(is_nested_too_deeply(""));
  CHECK_FALSE(is_nested_too_deeply(nested(kDeepestNesting)));
  CHECK(is_nested_too_deeply(nested(kDeepestNesting + 1)));
  CHECK(is_nested_too_deeply(nested(kDeepestNesting + 1, '{', '}')));
}

TEST_CASE("what is side by side is not nested", "[support]") {
  std::string many = "[";
  for (int i = 0; i < 1000; ++i) many += "{\"a\":[1]},";
  CHECK_FALSE(is_nested_too_deeply(many + "0]"));
}

TEST_CASE("brackets in a string count for nothing, also behind a quote that is escaped", "[support]") {
  CHECK_FALSE(is_nested_too_deeply("\"" + nested(1000) + "\""));
  CHECK_FALSE(is_nested_too_deeply("\"\\\"" + std::string(1000, '[') + "\""));
  CHECK(is_nested_too_deeply("\"\\\\\"" + nested(1000)));
}

TEST_CASE("a string that a torn line left open does not hide the next line", "[support]") {
  CHECK(is_nested_too_deeply("{\"reason\":\"cut of\n" + nested(1000)));
  CHECK(is_nested_too_deeply("{\"reason\":\"cut behind a \\\n" + std::string(1000, '[')));
}

TEST_CASE("a line that closes what it did not open does not hide the next line", "[support]") {
  CHECK(is_nested_too_deeply(std::string(1000, ']') + "\n" + std::string(1000, '[')));
}

}  // namespace
}  // namespace amltrain
