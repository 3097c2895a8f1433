// Python's torch and safetensors as judges of what we read and write.
#include "image/reference.hpp"

#include <catch2/catch.hpp>

#include "engine/exchange/formats.hpp"
#include "engine/exchange/tensors.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain::engine {
namespace {

using namespace test;

/// In the order of names: Python's order is not that of a safetensors file.
StateDict by_name(StateDict state) {
  std::ranges::sort(state.entries, {}, &std::pair<std::string, at::Tensor>::first);
  return state;
}

TEST_CASE("every form of weights that Python saves is read bit for bit, and what is none is refused",
          "[engine][exchange][reference]") {
  if (!have_reference()) return;
  const TemporaryFolder folder;
  const json manifest = run_reference("exchange_saved.py", folder.path());
  for (const json& entry : manifest.at("good")) {
    const auto file = entry.at("file").get<std::string>();
    INFO(file);
    const StateDict expected = read_weights(folder / entry.at("expected").get<std::string>());
    CHECK(difference(by_name(read_weights(folder / file)), by_name(expected)) == "");
  }
  for (const json& entry : manifest.at("bad")) {
    const auto file = entry.at("file").get<std::string>();
    const Error problem = error_of([&] { read_weights(folder / file); });
    INFO(file);
    CHECK_THAT(problem.what(), Catch::Contains(entry.at("words").get<std::string>()));
  }
  CHECK(manifest.at("good").size() == 33);
  CHECK(manifest.at("bad").size() == 18);
  CHECK_FALSE(std::filesystem::exists(folder / "marker"));
}

TEST_CASE("Python loads what we write, strictly and bit for bit", "[engine][exchange][reference]") {
  if (!have_reference()) return;
  const TemporaryFolder folder;
  // One of each kind: basic blocks, bottlenecks, groups, wide.
  const std::vector<std::string> archs = {"resnet18", "resnet50", "resnext50_32x4d", "wide_resnet50_2"};
  std::size_t tensors = 2 * all_dtypes_state().entries.size();
  for (const auto& arch : archs) {
    const StateDict state = random_state(find_resnet_spec(arch), 10, 1);
    write_pth(folder / (arch + ".pt"), state);
    write_safetensors(folder / (arch + ".safetensors"), state, {});
    tensors += state.entries.size();
  }
  write_pth(folder / "dtypes.pt", all_dtypes_state());
  write_safetensors(folder / "dtypes.safetensors", all_dtypes_state(), {});
  CHECK(run_reference("exchange_load.py", folder.path(), archs).at("checked") == tensors);
}

TEST_CASE("safetensors read and written again are byte for byte Python's", "[engine][exchange][reference]") {
  if (!have_reference()) return;
  const TemporaryFolder folder;
  for (const json& entry : run_reference("exchange_safetensors.py", folder.path()).at("files")) {
    const auto file = folder / entry.at("file").get<std::string>();
    INFO(file);
    write_safetensors(folder / "again", read_weights(file),
                      entry.at("metadata").get<std::map<std::string, std::string>>());
    CHECK((read_plain(folder / "again") == read_plain(file)));
  }
}

}  // namespace
}  // namespace amltrain::engine
