// onnx's checker, onnxruntime and torchvision as judges of the ONNX files.
#include <ATen/TensorOperators.h>

#include <catch2/catch.hpp>

#include "engine/exchange/formats.hpp"
#include "engine/exchange/onnx_model.hpp"
#include "engine/exchange/onnx_writer.hpp"
#include "engine/exchange/tensors.hpp"
#include "image/reference.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain::engine {
namespace {

using namespace test;

/// Largest difference of the logits over both batches, between two columns of logits.safetensors.
double largest_difference(const StateDict& logits, const std::string& a, const std::string& b) {
  double largest = 0;
  for (const std::string batch : {".one", ".seven"}) {
    const at::Tensor* left = logits.find(a + batch);
    const at::Tensor* right = logits.find(b + batch);
    REQUIRE((left && right));
    largest = std::max(largest, (*left - *right).abs().max().item<double>());
  }
  return largest;
}

void judge(const std::string& arch) {
  if (!have_reference()) return;
  const TemporaryFolder folder;
  const ResNetSpec& spec = find_resnet_spec(arch);
  const StateDict state = random_state(spec, 3, 7);
  const OnnxMetadata metadata = {.labels = {"a", "b", "\u00e9"}};
  const StateDict images = {{{"one", random_images(1, 224, 1)}, {"seven", random_images(7, 224, 2)}}};
  write_pth(folder / (arch + ".pt"), state);
  write_safetensors(folder / "images.safetensors", images, {});
  for (const bool fold : {false, true})
    write_onnx(folder / (fold ? "folded.onnx" : "plain.onnx"), state, spec, metadata, fold,
               AtomicFile::existing::refuse);

  const json manifest = run_reference("exchange_onnx.py", folder.path(), {arch});
  CHECK(manifest.at("opset") == onnx_opset);
  CHECK(manifest.at("ir_version") == onnx_ir_version);
  StateDict logits = read_weights(folder / "logits.safetensors");
  for (const std::string file : {"plain", "folded"}) {
    const OnnxModel model = OnnxModel::read(folder / (file + ".onnx"));
    CHECK(json(model.metadata()) == json(manifest.at("metadata").get<std::map<std::string, std::string>>()));
    for (const auto& [batch, values] : images.entries)
      logits.entries.emplace_back(file + "_evaluated." + batch, model.run(values));
    INFO(file);
    const double runtime = largest_difference(logits, file, "torchvision");
    const double evaluator = largest_difference(logits, file + "_evaluated", file);
    CHECK(runtime < 1e-4);
    CHECK(evaluator < 1e-4);
    WARN(arch << ", " << file << ": largest difference of the logits, onnxruntime to torchvision " << runtime
              << ", our evaluator to onnxruntime " << evaluator << "; largest logit "
              << logits.find(file + ".seven")->abs().max().item<double>());
  }
}

TEST_CASE("onnxruntime computes resnet18 from our file as torchvision does",
          "[engine][exchange][reference]") {
  judge("resnet18");
}
TEST_CASE("onnxruntime computes resnet50 from our file as torchvision does",
          "[engine][exchange][reference]") {
  judge("resnet50");
}
TEST_CASE("onnxruntime computes resnext50_32x4d from our file as torchvision does",
          "[engine][exchange][reference]") {
  judge("resnext50_32x4d");
}

}  // namespace
}  // namespace amltrain::engine
