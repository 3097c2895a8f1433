#include <catch2/catch.hpp>

#include "engine/exchange/formats.hpp"
#include "engine/exchange/raw_pickle.hpp"
#include "engine/exchange/tensors.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain::engine {
namespace {

using namespace test;

StateDict read(const std::string& header, const std::string& body) {
  const TemporaryFolder folder;
  write_plain(folder / "w.safetensors", raw(std::uint64_t{header.size()}) + header + body);
  return read_weights(folder / "w.safetensors");
}

std::string complaint(const std::string& header, const std::string& body = std::string(8, '\0')) {
  const Error problem = error_of([&] { read(header, body); });
  CHECK(problem.kind() == category::bad_input);
  return problem.what();
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

TEST_CASE("a state dict of every element type survives safetensors", "[engine][exchange]") {
  const TemporaryFolder folder;
  write_safetensors(folder / "w.safetensors", all_dtypes_state(), {{"format", "pt"}});
  const StateDict state = read_weights(folder / "w.safetensors");
  REQUIRE(state.entries.size() == all_dtypes_state().entries.size());
  for (const auto& [name, tensor] : all_dtypes_state().entries) {
    const at::Tensor* found = state.find(name);
    REQUIRE(found);
    CHECK(difference({{{name, *found}}}, {{{name, tensor}}}) == "");
  }
}

TEST_CASE("an empty tensor and one without dimensions are read", "[engine][exchange]") {
  const StateDict state =
      read(R"({"e":)" + entry("F32", "[0,3]", "[0,0]") + R"(,"s":)" + entry("I64", "[]", "[0,8]") + "}",
           raw(std::int64_t{5}));
  CHECK(state.find("e")->sizes() == at::IntArrayRef{0, 3});
  CHECK(*state.find("s")->const_data_ptr<std::int64_t>() == 5);
}

TEST_CASE("a header that the format forbids is refused", "[engine][exchange]") {
  const std::string good = entry("F32", "[2]", "[0,8]");
  const std::map<std::string, std::string> cases = {
      {R"({"w":)" + good + R"(,"w":)" + good + "}", "'w' twice"},
      {R"({"w":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "'dtype' twice"},
      {R"({"w":)" + entry("F8", "[8]", "[0,8]") + "}", "unsupported dtype \"F8\""},
      {R"({"w":)" + entry("F32", "[3]", "[0,8]") + "}", "shape that is not"},
      {R"({"w":)" + entry("F32", "[-2]", "[0,8]") + "}", "no valid shape"},
      {R"({"w":)" + entry("F32", "[2.0]", "[0,8]") + "}", "no valid shape"},
      {R"({"w":)" + entry("F32", "[4611686018427387904,4]", "[0,8]") + "}", "too large"},
      {R"({"w":)" + entry("F32", "[18446744073709551615]", "[0,8]") + "}", "no valid shape"},
      {R"({"w":)" + entry("F32", "[2]", "[8,0]") + "}", "no valid data_offsets"},
      {R"({"w":)" + entry("F32", "[2]", "[0]") + "}", "no valid data_offsets"},
      {R"({"w":)" + entry("F32", "[4]", "[0,16]") + "}", "cut short"},
      {R"({"w":)" + entry("F32", "[1]", "[0,4]") + "}", "bytes behind its last tensor"},
      {R"({"w":)" + entry("F32", "[1]", "[4,8]") + "}", "leaves a hole"},
      {R"({"w":)" + good + R"(,"v":)" + entry("F32", "[1]", "[4,8]") + "}", "overlaps"},
      {R"({"w":{"dtype":"F32","shape":[2]}})", "needs dtype, shape and data_offsets"},
      {R"({"w":[[[[]]]]})", "nests too deeply"},
      {R"({"w":)", "not JSON"},
      {"{\"\xff\":1}", "not JSON"},
      {R"({"__metadata__":{}})", "the file has bytes behind"},
  };
  for (const auto& [header, words] : cases) {
    INFO(header);
    CHECK_THAT(complaint(header), Catch::Contains(words));
  }
  CHECK_THAT(complaint("{}", ""), Catch::Contains("no tensors"));
}

TEST_CASE("a header longer than the file or than 100 MB is refused before it is allocated",
          "[engine][exchange]") {
  const TemporaryFolder folder;
  const auto refused = [&](std::uint64_t length) {
    write_plain(folder / "w", raw(length) + "{}");
    return std::string(error_of([&] { read_weights(folder / "w"); }).what());
  };
  CHECK_THAT(refused(3), Catch::Contains("cut short"));
  CHECK_THAT(refused(100'000'001), Catch::Contains("100 MB"));
  CHECK_THAT(refused(UINT64_MAX), Catch::Contains("100 MB"));
}

TEST_CASE("names that are not UTF-8 are not written", "[engine][exchange]") {
  const TemporaryFolder folder;
  StateDict state = small_state();
  state.entries[0].first = "\xff";
  CHECK_THAT(error_of([&] { write_safetensors(folder / "w", state, {}); }).what(), Catch::Contains("UTF-8"));
  CHECK(entries_in(folder.path()) == 0);
}

}  // namespace
}  // namespace amltrain::engine
