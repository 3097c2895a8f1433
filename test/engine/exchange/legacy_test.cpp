#include <catch2/catch.hpp>

#include "engine/exchange/formats.hpp"
#include "engine/exchange/raw_files.hpp"
#include "support/errors.hpp"

namespace amltrain::engine {
namespace {

using namespace test;

StateDict read(const std::string& content) {
  const TemporaryFolder folder;
  write_plain(folder / "w.pth", content);
  return read_weights(folder / "w.pth");
}

std::string complaint(const std::string& content) {
  return error_of([&] { read(content); }).what();
}

const std::string stored = raw(std::int64_t{4}) + floats(4);

/// Legacy storages carry a sixth part, None unless they are views.
std::string storage(std::int64_t elements, const std::string& view = "N") {
  return p_storage("FloatStorage", "94", elements, view);
}
std::string object(const std::string& of_storage) {
  return p_ordered_dict(p_text("w") + p_tensor(of_storage, {0, {2, 2}, {2, 1}}));
}

TEST_CASE("the legacy form is read", "[engine][exchange]") {
  const StateDict state = read(legacy_file(object(storage(4)), p_text("94"), stored));
  REQUIRE(state.entries.size() == 1);
  CHECK(state.entries[0].second.sizes() == at::IntArrayRef{2, 2});
  CHECK(state.entries[0].second.const_data_ptr<float>()[3] == 3);
}

TEST_CASE("Python 2's OrderedDict of pairs and byte strings is read", "[engine][exchange]") {
  const auto bytes = [](const std::string& text) {
    return "U" + std::string(1, static_cast<char>(text.size())) + text;
  };
  const std::string id = p_tuple(bytes("storage") + p_global("torch", "FloatStorage") + bytes("94") +
                                 bytes("cuda:0") + p_int(4) + "N") +
                         "Q";
  const std::string tensor = p_call(p_global("torch._utils", "_rebuild_tensor"),
                                    id + p_int(0) + p_tuple(p_int(4)) + p_tuple(p_int(1)));
  const std::string pairs = "](](" + bytes("w") + tensor + "ee";
  const std::string dict = p_call(p_global("collections", "OrderedDict"), pairs);
  const StateDict state = read(legacy_file(dict, bytes("94"), stored));
  REQUIRE(state.entries.size() == 1);
  CHECK(state.entries[0].first == "w");
  CHECK(state.entries[0].second.const_data_ptr<float>()[2] == 2);
}

TEST_CASE("storages that belong to no weight are stepped over", "[engine][exchange]") {
  const std::string momentum = p_tensor(p_storage("DoubleStorage", "7", 2, "N"), {0, {2}, {1}});
  const std::string checkpoint =
      "}(" + p_text("optimizer") + momentum + p_text("model") + object(storage(4)) + "u";
  const std::string storages = raw(std::int64_t{2}) + std::string(16, '\1') + stored;
  const StateDict state = read(legacy_file(checkpoint, p_text("7") + p_text("94"), storages));
  CHECK(state.entries.at(0).second.const_data_ptr<float>()[3] == 3);
}

TEST_CASE("a legacy file whose storages contradict its pickle is refused", "[engine][exchange]") {
  const std::string good = object(storage(4)), key = p_text("94");
  CHECK_THAT(complaint(legacy_file(good, key, stored.substr(0, 23))), Catch::Contains("cut short"));
  CHECK_THAT(complaint(legacy_file(good, key, raw(std::int64_t{5}) + floats(5))),
             Catch::Contains("another number of elements"));
  CHECK_THAT(complaint(legacy_file(good, "", "")), Catch::Contains("no bytes for storage '94'"));
  CHECK_THAT(complaint(legacy_file(good, key + key, stored + stored)), Catch::Contains("there twice"));
  CHECK_THAT(complaint(legacy_file(good, p_text("7"), stored)), Catch::Contains("no tensor uses"));
  CHECK_THAT(complaint(legacy_file(object(storage(INT64_MAX)), key, raw(INT64_MAX) + floats(4))),
             Catch::Contains("cut short"));
  CHECK_THAT(
      complaint(legacy_file(object(storage(4, p_tuple(p_text("95") + p_int(0) + p_int(4)))), key, stored)),
      Catch::Contains("a view of another"));
}

TEST_CASE("a legacy file cut anywhere is refused", "[engine][exchange]") {
  const std::string whole = legacy_file(object(storage(4)), p_text("94"), stored);
  for (std::size_t length = 0; length < whole.size(); ++length)
    CHECK_FALSE(complaint(whole.substr(0, length)).empty());
}

}  // namespace
}  // namespace amltrain::engine
