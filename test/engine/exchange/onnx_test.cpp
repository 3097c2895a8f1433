#include <ATen/TensorOperators.h>

#include <catch2/catch.hpp>

#include "engine/exchange/onnx_model.hpp"
#include "engine/exchange/onnx_writer.hpp"
#include "engine/exchange/tensors.hpp"
#include "engine/nn/resnet.hpp"
#include "support/errors.hpp"
#include "support/json.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain::engine {
namespace {

using namespace test;

constexpr auto replace = AtomicFile::existing::replace;

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

at::Tensor engine_logits(const StateDict& state, const ResNetSpec& spec, const at::Tensor& images) {
  ResNet model(spec, state.find("fc.bias")->size(0), 0);
  load_state(model, state, "the test's weights", Head::load);
  model.set_training(false);
  const at::NoGradGuard no_grad;
  return model.forward(images);
}

TEST_CASE("the written graph computes what the engine computes, folded or not", "[engine][exchange]") {
  const TemporaryFolder folder;
  for (const std::string arch : {"resnet18", "resnext50_32x4d"}) {
    const ResNetSpec& spec = find_resnet_spec(arch);
    const StateDict state = random_state(spec, 5, 1);
    const at::Tensor images = random_images(3, 64, 2);
    const at::Tensor expected = engine_logits(state, spec, images);
    for (const bool fold : {false, true}) {
      INFO(arch << (fold ? ", folded" : ""));
      write_onnx(folder / "m.onnx", state, spec, {.labels = {}, .image_size = 64}, fold, replace);
      const OnnxModel model = OnnxModel::read(folder / "m.onnx");
      CHECK(model.opset() == 17);
      CHECK(largest_difference(model.run(images), expected) < 1e-4 * expected.abs().max().item<double>());
    }
  }
}

TEST_CASE("folding leaves no batch norm in the graph", "[engine][exchange]") {
  const TemporaryFolder folder;
  const ResNetSpec& spec = find_resnet_spec("resnet18");
  const StateDict state = random_state(spec, 2, 1);
  const auto count_nodes = [&](bool fold) {
    write_onnx(folder / "m.onnx", state, spec, {}, fold, replace);
    return OnnxModel::read(folder / "m.onnx").nodes().size();
  };
  CHECK(count_nodes(false) == 69);
  CHECK(count_nodes(true) == 49);
}

TEST_CASE("the metadata says what a user of the file must know", "[engine][exchange]") {
  const TemporaryFolder folder;
  const ResNetSpec& spec = find_resnet_spec("resnet18");
  const OnnxMetadata metadata = {.labels = {"ants", "bées \"x\""}, .image_size = 96, .resize_size = 128};
  write_onnx(folder / "m.onnx", random_state(spec, 2, 1), spec, metadata, false, replace);
  const auto found = OnnxModel::read(folder / "m.onnx").metadata();
  CHECK(json::parse(found.at("labels")).get<std::vector<std::string>>() == metadata.labels);
  CHECK(found.at("arch") == "resnet18");
  CHECK(found.at("image_size") == "96");
  CHECK(found.at("resize_size") == "128");
  CHECK(json::parse(found.at("mean")).get<std::array<double, 3>>() == metadata.mean);
  CHECK(json::parse(found.at("std")).get<std::array<double, 3>>() == metadata.std);
}

TEST_CASE("weights that are not the architecture's are not exported", "[engine][exchange]") {
  const TemporaryFolder folder;
  const ResNetSpec& spec = find_resnet_spec("resnet18");
  const StateDict state = random_state(spec, 2, 1);
  const auto refused = [&](const StateDict& given, const OnnxMetadata& metadata) {
    return std::string(
        error_of([&] { write_onnx(folder / "m.onnx", given, spec, metadata, false, replace); }).what());
  };
  CHECK_THAT(refused(small_state(), {}), Catch::Contains("'conv1.weight' is missing"));
  CHECK_THAT(refused(state, {.labels = {"only one"}}), Catch::Contains("2 classes but there are 1 labels"));
  CHECK_THAT(refused(state, {.labels = {"a", "\xff"}}), Catch::Contains("UTF-8"));
  CHECK(entries_in(folder.path()) == 0);
  write_plain(folder / "m.onnx", "mine");
  const auto refuse = AtomicFile::existing::refuse;
  CHECK(error_of([&] { write_onnx(folder / "m.onnx", state, spec, {}, false, refuse); }).kind() ==
        category::conflict);
  CHECK(read_plain(folder / "m.onnx") == "mine");
}

TEST_CASE("an image of another shape is refused by the node that can't take it", "[engine][exchange]") {
  const TemporaryFolder folder;
  const ResNetSpec& spec = find_resnet_spec("resnet18");
  write_onnx(folder / "m.onnx", random_state(spec, 2, 1), spec, {}, false, replace);
  const OnnxModel model = OnnxModel::read(folder / "m.onnx");
  CHECK_THAT(error_of([&] { model.run(random_images(1, 64, 1).slice(1, 0, 1)); }).what(),
             Catch::Contains("node 'conv1'"));
}

}  // namespace
}  // namespace amltrain::engine
