#include "support/text.hpp"

#include <catch2/catch.hpp>

#include "errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

TEST_CASE("sizes are written in binary units with one digit", "[support]") {
  CHECK(human_bytes(0) == "0 B");
  CHECK(human_bytes(1023) == "1023 B");
  CHECK(human_bytes(1024) == "1.0 KiB");
  CHECK(human_bytes(46'827'520) == "44.7 MiB");
  CHECK(human_bytes((1 << 20) - 1) == "1.0 MiB");
  CHECK(human_bytes(~std::uint64_t{0}) == "16.0 EiB");
}

TEST_CASE("durations are written with the two units that matter", "[support]") {
  using std::chrono::milliseconds;
  CHECK(human_duration(milliseconds(0)) == "0.0 s");
  CHECK(human_duration(milliseconds(3'200)) == "3.2 s");
  CHECK(human_duration(milliseconds(59'960)) == "1 min 00 s");
  CHECK(human_duration(milliseconds(245'000)) == "4 min 05 s");
  CHECK(human_duration(milliseconds(3'599'600)) == "1 h 00 min");
  CHECK(human_duration(milliseconds(7'800'000)) == "2 h 10 min");
  CHECK(human_duration(milliseconds(-5)) == "0.0 s");
}

TEST_CASE("a slip of the pen finds the name that was meant, another word finds none", "[support]") {
  const std::vector<std::string> names{"birds", "hymenoptera", "resnet18", "resnet34", "cat"};
  const auto [typed, meant] = GENERATE(table<std::string, std::string>({
      {"brids", "birds"},        // exchanged
      {"bird", "birds"},         // missing
      {"birdss", "birds"},       // doubled
      {"resnet38", "resnet18"},  // as near to resnet34: the first counts
      {"hymenopetra", "hymenoptera"},
      {"hymnopteras", "hymenoptera"},
      {"cot", "cat"},
      {"ct", ""},  // half of a short word is no slip
      {"trucks", ""},
      {"", ""},
      {"resnext50_32x4d", ""},
  }));
  CAPTURE(typed);
  CHECK(closest(typed, names).value_or("") == meant);
}

TEST_CASE("globs match within a folder, and ** spans folders", "[support]") {
  const auto [pattern, path, matches] = GENERATE(table<std::string, std::string, bool>({
      {"outputs/*.pt", "outputs/model.pt", true},
      {"outputs/*.pt", "outputs/deep/model.pt", false},
      {"*", "outputs/model.pt", false},
      {"**", "outputs/model.pt", true},
      {"**/*.pt", "model.pt", true},
      {"**/*.pt", "a/b/c/model.pt", true},
      {"**/*.pt", "a/b/c/model.json", false},
      {"outputs/**", "outputs/a/b", true},
      {"outputs/**", "outputs", false},
      {"a/**/z", "a/z", true},
      {"a/**/z", "a/b/c/z", true},
      {"a/**/z", "a/b/c/z/y", false},
      {"**/b/**/d", "a/b/c/b/c/d", true},
      {"model.[op][nt]", "model.pt", true},
      {"model.??", "model.pt", true},
      {"\\*.pt", "a.pt", false},
      {"\\*.pt", "*.pt", true},
      {"", "a", false},
  }));
  CAPTURE(pattern, path);
  CHECK(glob_match(pattern, path) == matches);
}

TEST_CASE("a pattern of many ** is answered at once", "[support]") {
  std::string pattern, path;
  for (int i = 0; i < 40; ++i) pattern += "**/a/";
  for (int i = 0; i < 400; ++i) path += "a/";
  CHECK_FALSE(glob_match(pattern + "z", path + "y"));
}

TEST_CASE("names of the store are checked", "[support]") {
  for (const char* good : {"a", "pt-dnn", "Birds_2.1", "0"}) CHECK_NOTHROW(require_name("model", good));
  CHECK_NOTHROW(require_name("model", std::string(128, 'a')));
  const std::string bad = GENERATE(as<std::string>(), "", ".", "..", ".hidden", "-x", "a/b", "a b", "a\n",
                                   "é", std::string(129, 'a'), std::string("a\0b", 3));
  const Error problem = error_of([&] { require_name("experiment", bad); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "experiment"));
}

TEST_CASE("control characters become text, all else stays") {
  CHECK(amltrain::printable("a\nb\x1b[31m\x7f\t") == "a\\nb\\x1b[31m\\x7f\\x09");
  CHECK(amltrain::printable("\u00e9\u65e5 \xff") == "\u00e9\u65e5 \xff");
  CHECK(amltrain::printable("\xc2\x9b") == "\\x9b");
}
