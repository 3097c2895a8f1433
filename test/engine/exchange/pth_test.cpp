#include <catch2/catch.hpp>

#include "engine/exchange/formats.hpp"
#include "engine/exchange/raw_files.hpp"
#include "engine/exchange/tensors.hpp"
#include "support/errors.hpp"

namespace amltrain::engine {
namespace {

using namespace test;

const std::string float_storage = p_storage("FloatStorage", "0", 6);

/// Writes {"w": value} in the zip form beside a storage of six floats, and reads it.
StateDict read_value(const std::string& value, const std::string& storage_bytes = floats(6)) {
  const TemporaryFolder folder;
  write_zip(folder / "w.pth", p_pickle(p_ordered_dict(p_text("w") + value)), {{"0", storage_bytes}});
  return read_weights(folder / "w.pth");
}

Error refusal(const std::string& value, const std::string& storage_bytes = floats(6)) {
  return error_of([&] { read_value(value, storage_bytes); });
}

StateDict read_pickle(const std::string& pickle) {
  const TemporaryFolder folder;
  write_zip(folder / "w.pth", pickle, {{"0", floats(6)}});
  return read_weights(folder / "w.pth");
}

TEST_CASE("a state dict of every element type survives writing and reading", "[engine][exchange]") {
  const TemporaryFolder folder;
  for (const StateDict& state : {small_state(), all_dtypes_state()}) {
    write_pth(folder / "w.pt", state);
    CHECK(difference(read_weights(folder / "w.pt"), state) == "");
  }
}

TEST_CASE("the same weights give the same bytes", "[engine][exchange]") {
  const TemporaryFolder folder;
  write_pth(folder / "a.pt", small_state());
  write_pth(folder / "b.pt", small_state());
  CHECK(read_plain(folder / "a.pt") == read_plain(folder / "b.pt"));
}

TEST_CASE("a transposed view is written as its values", "[engine][exchange]") {
  const TemporaryFolder folder;
  const StateDict state = {{{"t", small_state().entries[0].second.t()}}};
  write_pth(folder / "w.pt", state);
  CHECK(difference(read_weights(folder / "w.pt"), state) == "");
}

TEST_CASE("views with an offset and strides are read as they lie in their storage", "[engine][exchange]") {
  const StateDict state = read_value(p_tensor(float_storage, {1, {2, 2}, {1, 2}}));
  const at::Tensor values = state.entries.at(0).second.contiguous();
  const auto* data = values.const_data_ptr<float>();
  CHECK(std::vector<float>(data, data + 4) == std::vector<float>{1, 3, 2, 4});
}

TEST_CASE("a view that leaves its storage is refused, however large its numbers", "[engine][exchange]") {
  const std::int64_t huge = INT64_MAX, half = std::int64_t{1} << 62;
  const std::vector<View> views = {
      {0, {7}, {1}},
      {1, {6}, {1}},
      {6, {}, {}},
      {0, {2, 3}, {6, 1}},
      {huge, {1}, {1}},
      {huge, {huge}, {huge}},
      {0, {huge}, {0}},
      {0, {half, 4}, {0, 0}},
      {0, {huge, huge, huge}, {huge, huge, huge}},
      {0, {2, 2}, {half, half}},
      {7, {0}, {1}},
      {0, {3, 3}, {1, 1}},
      {-1, {1}, {1}},
      {0, {-1}, {1}},
      {0, {1}, {-1}},
      {0, {1, 1}, {1}},
      {0, std::vector<std::int64_t>(9, 1), std::vector<std::int64_t>(9, 1)},
  };
  for (const View& view : views) {
    const Error problem = refusal(p_tensor(float_storage, view));
    CHECK(problem.kind() == category::bad_input);
    CHECK_THAT(problem.what(), Catch::Contains("'w'"));
  }
  CHECK_THAT(refusal(p_tensor(float_storage, {0, {0, half, half}, {1, 1, 1}})).what(),
             Catch::Contains("'w'"));
}

TEST_CASE("a storage that claims more than its entry holds is refused before it is allocated",
          "[engine][exchange]") {
  for (const std::int64_t elements : {std::int64_t{7}, std::int64_t{5}, std::int64_t{1} << 60, INT64_MAX})
    CHECK_THAT(refusal(p_tensor(p_storage("FloatStorage", "0", elements), {0, {1}, {1}})).what(),
               Catch::Contains("storage '0' has 24 bytes"));
  CHECK_THAT(refusal(p_tensor(p_storage("FloatStorage", "9", 6), {0, {1}, {1}})).what(),
             Catch::Contains("no entry for storage '9'"));
  CHECK_THAT(refusal(p_tensor(float_storage, {0, {1}, {1}}), floats(6) + "x").what(),
             Catch::Contains("25 bytes"));
}

TEST_CASE("a payload is named, and not run, wherever it stands", "[engine][exchange]") {
  const TemporaryFolder folder;
  const std::string marker = folder / "marker";
  const std::string payload = p_payload(marker), tensor = p_tensor(float_storage, {0, {6}, {1}});
  const Error alone = error_of([&] { read_pickle(p_pickle(payload)); });
  CHECK_THAT(alone.what(), Catch::Contains("holds an object made by posix.system, not a state dict"));
  CHECK_THAT(refusal(payload).what(),
             Catch::Contains("'w' is not a tensor but an object made by posix.system"));
  const Error as_key = error_of([&] { read_pickle(p_pickle(p_ordered_dict(payload + tensor))); });
  CHECK_THAT(as_key.what(), Catch::Contains("posix.system where the name of a tensor should be"));
  const Error in_storage = error_of([&] { read_value(p_tensor(payload, {0, {1}, {1}})); });
  CHECK_THAT(in_storage.what(), Catch::Contains("'w' has no storage"));
  // What the state dict does not hold is not looked at: dropped values and object state.
  CHECK(read_pickle(p_pickle(payload + "0" + p_ordered_dict(p_text("w") + tensor))).entries.size() == 1);
  CHECK(read_pickle(p_pickle(p_ordered_dict(p_text("w") + tensor) + payload + "b")).entries.size() == 1);
  CHECK_FALSE(std::filesystem::exists(marker));
}

TEST_CASE("kinds of tensors that are not plain are refused by name", "[engine][exchange]") {
  const std::string rest = p_int(0) + p_tuple(p_int(1)) + p_tuple(p_int(1));
  const auto made_by = [&](const std::string& name) {
    return p_call(p_global("torch._utils", name), float_storage + rest);
  };
  CHECK_THAT(refusal(made_by("_rebuild_tensor_v3")).what(), Catch::Contains("_rebuild_tensor_v3"));
  CHECK_THAT(refusal(made_by("_rebuild_qtensor")).what(), Catch::Contains("torch._utils._rebuild_qtensor"));
  CHECK_THAT(refusal(p_tensor(p_storage("ComplexFloatStorage", "0", 3), {0, {1}, {1}})).what(),
             Catch::Contains("torch.ComplexFloatStorage"));
  CHECK_THAT(refusal(p_tensor(p_storage("FloatStorage", "0", 6, p_int(1)), {0, {1}, {1}})).what(),
             Catch::Contains("a view of another"));
  CHECK_THAT(refusal("N").what(), Catch::Contains("'w' is not a tensor but None"));
  CHECK(read_value(made_by("_rebuild_tensor")).entries.size() == 1);
}

TEST_CASE("a parameter is read as its tensor, one of another parameter is refused", "[engine][exchange]") {
  const auto wrapped = [](const std::string& inner) {
    return p_call(p_global("torch._utils", "_rebuild_parameter"), inner + "\x88" + p_ordered_dict(""));
  };
  const std::string tensor = p_tensor(float_storage, {0, {6}, {1}});
  CHECK(read_value(wrapped(tensor)).entries.at(0).second.numel() == 6);
  CHECK_THAT(refusal(wrapped(wrapped(tensor))).what(), Catch::Contains("'w' is not a tensor"));
}

TEST_CASE("weights are found in a checkpoint and under DataParallel's prefix", "[engine][exchange]") {
  const std::string tensor = p_tensor(float_storage, {0, {6}, {1}});
  for (const std::string key : {"state_dict", "model", "model_state_dict"}) {
    const auto inner = p_ordered_dict(p_text("module.w") + tensor + p_text("module.v") + tensor);
    const StateDict state =
        read_pickle(p_pickle("}(" + p_text("epoch") + p_int(3) + p_text(key) + inner + "u"));
    REQUIRE(state.entries.size() == 2);
    CHECK(state.entries[0].first == "w");
    CHECK(state.entries[1].first == "v");
  }
  const auto mixed =
      read_pickle(p_pickle(p_ordered_dict(p_text("module.w") + tensor + p_text("v") + tensor)));
  CHECK(mixed.entries[0].first == "module.w");
  const Error module = error_of(
      [&] { read_pickle(p_pickle("}(" + p_text("model") + p_call(p_global("net", "Net"), "") + "u")); });
  CHECK_THAT(module.what(), Catch::Contains("'model' holds an object made by net.Net, not a state dict"));
}

TEST_CASE("a tensor that is there twice is refused", "[engine][exchange]") {
  const std::string entry = p_text("w") + p_tensor(float_storage, {0, {6}, {1}});
  const Error problem = error_of([&] { read_pickle(p_pickle(p_ordered_dict(entry + entry))); });
  CHECK_THAT(problem.what(), Catch::Contains("'w' is there twice"));
}

TEST_CASE("a name with terminal escapes is shown harmless", "[engine][exchange]") {
  const Error problem = error_of([&] { read_pickle(p_pickle(p_ordered_dict(p_text("\x1b[2Jw") + "N"))); });
  CHECK_THAT(problem.what(), Catch::Contains("'?[2Jw'"));
}

TEST_CASE("files that are no weights are refused by what they are", "[engine][exchange]") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& content) {
    write_plain(folder / "w.pth", content);
    return std::string(error_of([&] { read_weights(folder / "w.pth"); }).what());
  };
  CHECK_THAT(refused(""), Catch::Contains("neither a .pth/.pt file"));
  CHECK_THAT(refused("<!DOCTYPE html>"), Catch::Contains("a web page"));
  CHECK_THAT(refused(std::string(257, 'x') + "ustar" + std::string(300, 'x')), Catch::Contains("torch 0.1"));
  CHECK_THAT(refused("PK\x03\x04"), Catch::Contains("cut short"));
  CHECK(error_of([&] { read_weights(folder / "absent.pth"); }).kind() == category::not_found);
  CHECK(error_of([&] { read_weights(folder.path()); }).kind() == category::bad_input);
}

}  // namespace
}  // namespace amltrain::engine
