#include "engine/exchange/pickle_machine.hpp"

#include <catch2/catch.hpp>

#include "engine/exchange/raw_pickle.hpp"
#include "support/errors.hpp"

namespace amltrain::engine {
namespace {

using namespace test;

Pickle run(const std::string& bytes, const PickleLimits& limits = {}) {
  ByteCursor cursor(bytes, "a pickle");
  return run_pickle(cursor, limits);
}

std::string complaint(const std::string& bytes, const PickleLimits& limits = {}) {
  return error_of([&] { run(bytes, limits); }).what();
}

TEST_CASE("a call in a pickle is recorded by name and not made", "[engine][exchange]") {
  const Pickle pickle = run(p_pickle(p_payload("/nonexistent/marker")));
  const auto* call = pickle.as<PickleCall>(pickle.root);
  REQUIRE(call);
  CHECK(pickle.global(call->callable) == "posix.system");
  CHECK(pickle.describe(pickle.root) == "an object made by posix.system");
}

TEST_CASE("integers of every width keep their sign", "[engine][exchange]") {
  const std::map<std::string, std::int64_t> cases = {
      {std::string("K\xff", 2), 255},
      {std::string("M\x00\x80", 3), 32768},
      {std::string("J\xff\xff\xff\xff", 5), -1},
      {std::string("\x8a\x00", 2), 0},
      {std::string("\x8a\x01\x80", 3), -128},
      {std::string("\x8a\x02\xff\x00", 4), 255},
      {std::string("\x8b\x01\x00\x00\x00\x7f", 6), 127},
  };
  for (const auto& [bytes, value] : cases) {
    const Pickle pickle = run(p_pickle(bytes));
    REQUIRE(pickle.as<std::int64_t>(pickle.root));
    CHECK(*pickle.as<std::int64_t>(pickle.root) == value);
  }
  const Pickle large = run(p_pickle("\x8a\x09" + std::string(9, '\x11')));
  CHECK(large.as<PickleBytes>(large.root));
}

TEST_CASE("a pickle that contains itself is read and freed", "[engine][exchange]") {
  const Pickle pickle = run(p_pickle("]q" + std::string(1, '\0') + "h" + std::string(1, '\0') + "a"));
  const auto* list = pickle.as<PickleList>(pickle.root);
  REQUIRE(list);
  CHECK(list->items == std::vector<PickleRef>{pickle.root});
}

TEST_CASE("a chain of a hundred thousand nested tuples needs no stack", "[engine][exchange]") {
  const Pickle pickle = run(p_pickle(")" + std::string(100'000, '\x85')));
  CHECK(pickle.nodes.size() == 100'001);
}

TEST_CASE("a pickle is limited in operations and in open marks", "[engine][exchange]") {
  CHECK(contains(complaint(p_pickle(std::string(2'000'000, 'N'))), "more operations"));
  CHECK(contains(complaint(p_pickle(std::string(2'000, '('))), "nests too deeply"));
}

TEST_CASE("a pickle that breaks the rules of its stack is refused", "[engine][exchange]") {
  const std::map<std::string, std::string> cases = {
      {".", "takes a value where none is"},
      {"0.", "takes a value where none is"},
      {"t.", "closes a mark that is not open"},
      {"N(0.", "takes a value where none is"},
      {"N(R.", "takes a value where none is"},
      {"](Nu.", "key without a value"},
      {"N(NNu.", "no dictionary"},
      {"NNa.", "no list"},
      {std::string("h\x05.", 3), "never stored"},
      {"NN\x93.", "not text"},
      {"cposix\n", "ends too early"},
      {"S'text'\n.", "opcode 83"},
      {std::string("\x80\x01N.", 4), "protocol 1"},
      {std::string("X\xff\xff\xff\xffshort", 10), "ends too early"},
      {"\x8d" + std::string(8, '\xff'), "ends too early"},
      {"", "ends too early"},
  };
  for (const auto& [bytes, words] : cases) {
    INFO(words);
    CHECK_THAT(complaint(bytes), Catch::Contains(words));
  }
}

}  // namespace
}  // namespace amltrain::engine
