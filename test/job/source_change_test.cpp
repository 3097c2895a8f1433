#include "job/source_change.hpp"

#include <catch2/catch.hpp>

#include "support/error.hpp"
#include "support/errors.hpp"

namespace amltrain {
namespace {

using test::error_of;

SourceDocument changed(const std::string& yaml, const std::vector<std::string>& changes) {
  SourceDocument document = parse_yaml(yaml, "job.yml");
  for (const std::string& change : changes) change_source(document, change);
  return document;
}

}  // namespace

TEST_CASE("a value given by its path takes the place of the one in the document", "[job]") {
  CHECK(changed("a: {b: 1, c: 2}", {"a.b=3"}).tree == json{{"a", {{"b", 3}, {"c", 2}}}});
  CHECK(changed("a: {b: {c: 1}}", {"a.b=x"}).tree == json{{"a", {{"b", "x"}}}});
  CHECK(changed("a: 1", {"a=1", "a=2"}).tree == json{{"a", 2}});
}

TEST_CASE("maps on the way to a value are made", "[job]") {
  CHECK(changed("a: 1", {"x.y.z=1"}).tree == json{{"a", 1}, {"x", {{"y", {{"z", 1}}}}}});
  CHECK(changed("a:\n", {"a.b=1"}).tree == json{{"a", {{"b", 1}}}});
}

TEST_CASE("a value has the type that YAML gives it, and its text is kept", "[job]") {
  const SourceDocument document =
      changed("a: 1", {"n=1e-3", "t=true", "q='07'", "e=", "m={x: [1, 2]}", "s=k=v, more"});
  CHECK(document.tree["n"].is_number_float());
  CHECK(document.places.at("/n").text == "1e-3");
  CHECK(document.tree["t"] == true);
  CHECK(document.tree["q"] == "07");
  CHECK(document.tree["e"] == "");
  CHECK(document.tree["m"] == json{{"x", {1, 2}}});
  CHECK(document.tree["s"] == "k=v, more");
}

TEST_CASE("what is put on top has no line of the file", "[job]") {
  const SourceDocument document = changed("a:\n  b: {c: 1}\n", {"a.b=2"});
  CHECK(document.places.at("/a/b").line == 0);
  CHECK_FALSE(document.places.contains("/a/b/c"));
  CHECK(document.places.at("/a").line == 1);
}

TEST_CASE("a change that is none is refused", "[job]") {
  for (const char* change : {"a", "=1", ".a=1", "a.=1", "a..b=1", ""})
    CHECK(error_of([&] { changed("a: {b: 1}", {change}); }).kind() == category::bad_input);
  CHECK(std::string(error_of([] { changed("a: {b: 1}", {"a.b.c=1"}); }).what()) ==
        "--set a.b.c=1: a.b is no map of names");
  CHECK(std::string(error_of([] { changed("a: 1", {"b=[1"}); }).what()).starts_with("--set b:"));
}

}  // namespace amltrain
