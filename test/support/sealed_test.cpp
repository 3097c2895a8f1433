#include "support/sealed.hpp"

#include <catch2/catch.hpp>

#include "errors.hpp"
#include "support/hash.hpp"

using namespace amltrain;
using test::contains;
using test::error_of;

TEST_CASE("a sealed document is indented JSON that ends with the hash of what comes before", "[support]") {
  const std::string text = sealed_text({{"schema", "amltrain.thing/1"}, {"name", "é"}});
  const std::string head = "{\n  \"schema\": \"amltrain.thing/1\",\n  \"name\": \"é\"";
  CHECK(text == head + ",\n  \"document_sha256\": \"" + sha256_of(head) + "\"\n}\n");
  CHECK(text.size() - head.size() == 92);  // as sealed.hpp tells the shell
  CHECK(parse_sealed(text, "t").at("document_sha256") == sha256_of(head));
}

TEST_CASE("no bit of a sealed document can flip and no byte of it go unnoticed", "[support]") {
  const std::string text = sealed_text({{"schema", "amltrain.thing/1"}, {"value", 1e-5}, {"list", {1, 2}}});
  CHECK(check_seal(text) == Seal::fits);
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string changed = text;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    REQUIRE(check_seal(changed) != Seal::fits);
  }
  for (std::size_t size = 0; size < text.size(); ++size)
    REQUIRE(check_seal(text.substr(0, size)) != Seal::fits);
  CHECK(check_seal(text + "\n") != Seal::fits);
}

TEST_CASE("a document is read unless its seal says that it is damaged", "[support]") {
  std::string text = sealed_text({{"schema", "amltrain.thing/1"}, {"value", 15}});
  text[text.find("15")] = '7';
  const Error problem = error_of([&] { parse_sealed(text, "thing.json"); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "thing.json is damaged"));
  CHECK(parse_sealed("{\"value\": 3}", "by hand").at("value") == 3);
}

TEST_CASE("a chained line follows the one before it and no other", "[support]") {
  const std::string line = chained_line({{"state", "Queued"}}, "run_1");
  const ChainedLine taken = take_chained_line(line);
  CHECK(taken.body == "{\"state\":\"Queued\"");
  CHECK(taken.stated == sha256_of("run_1{\"state\":\"Queued\""));
  CHECK(taken.follows("run_1"));
  CHECK_FALSE(taken.follows("run_2"));
  CHECK(json::parse(line).at("sha256") == taken.stated);
  CHECK(take_chained_line("{\"state\":\"Queued\"}").stated.empty());
  CHECK_FALSE(take_chained_line("{}").follows("run_1"));
}

TEST_CASE("a line is written whatever bytes it holds", "[support]") {
  const std::string line = chained_line({{"reason", "a\xff"}}, "before");
  CHECK(take_chained_line(line).follows("before"));
  CHECK(json::parse(line).at("reason") == "a\xef\xbf\xbd");
}
