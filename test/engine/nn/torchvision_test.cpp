#include <catch2/catch.hpp>

#include "engine/exchange/formats.hpp"
#include "engine/nn/folded.hpp"
#include "engine/nn/resnet.hpp"
#include "engine/nn/shapes.hpp"
#include "engine/torch.hpp"
#include "image/reference.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

/// Largest difference, relative to the largest value or 1.
double distance(const at::Tensor& ours, const at::Tensor& theirs) {
  const double scale = std::max(1.0, theirs.abs().max().item<double>());
  return ours.to(at::kDouble).sub(theirs).abs().max().item<double>() / scale;
}

/// Running statistics and counters after one forward pass in training mode.
double compare_buffers(const StateDict& ours, const StateDict& theirs) {
  CHECK(theirs.entries.size() * 2 + 2 == ours.entries.size());  // as many buffers as parameters, but for fc
  double largest = 0;
  for (const auto& [name, expected] : theirs.entries) {
    INFO(name);
    const at::Tensor* tensor = ours.find(name);
    REQUIRE(tensor != nullptr);
    const double difference = distance(*tensor, expected);
    CHECK(difference < 1e-5);
    largest = std::max(largest, difference);
  }
  return largest;
}

at::Tensor read(const std::filesystem::path& file, const char* name) {
  return *read_weights(file).find(name);
}

/// The same weights and images in one memory format, ours against torchvision's in that format.
void compare(const ResNetSpec& spec, const std::filesystem::path& folder, at::MemoryFormat format) {
  const bool last = format == at::MemoryFormat::ChannelsLast;
  const std::filesystem::path expected = folder / (last ? "channels_last" : "contiguous");
  ResNet model(spec, 10, 0, {at::kCPU, format});
  load_state(model, read_weights(folder / "before.safetensors"), "before.safetensors", Head::load);
  const at::NoGradGuard no_grad;
  const at::Tensor images = read(folder / "images.safetensors", "images").contiguous(format);
  model.set_training(false);
  const double evaluation = distance(model.forward(images), read(expected / "eval.safetensors", "logits"));
  CHECK(evaluation < 1e-5);
  const FoldedNetwork network(model, at::kFloat, static_cast<int>(images.size(2)), 2);
  const double folded = distance(network.logits(images), read(expected / "eval.safetensors", "logits"));
  CHECK(folded < 1e-5);
  model.set_training(true);
  const double training = distance(model.forward(images), read(expected / "train.safetensors", "logits"));
  CHECK(training < 1e-5);
  const double buffers = compare_buffers(model.state(), read_weights(expected / "after.safetensors"));
  WARN(spec.name << ' ' << expected.filename().string() << ": largest difference of the logits " << evaluation
                 << " (eval), " << folded << " (folded), " << training
                 << " (train), of the running statistics " << buffers);
}

void compare_with_torchvision(const char* arch) {
  if (!have_reference()) return;
  const ResNetSpec& spec = find_resnet_spec(arch);
  const TemporaryFolder folder;
  const json manifest = run_reference("nn_forward.py", folder.path(), {arch});
  std::vector<std::string> names;
  for (const auto& [name, shape] : parameter_shapes(spec, 10)) names.push_back(name);
  CHECK(manifest.at("names").get<std::vector<std::string>>() == names);
  for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast})
    compare(spec, folder.path(), format);
}

}  // namespace

TEST_CASE("resnet18 computes what torchvision's computes", "[engine][nn][reference]") {
  compare_with_torchvision("resnet18");
}
TEST_CASE("resnet34 computes what torchvision's computes", "[engine][nn][reference]") {
  compare_with_torchvision("resnet34");
}
TEST_CASE("resnet50 computes what torchvision's computes", "[engine][nn][reference]") {
  compare_with_torchvision("resnet50");
}
TEST_CASE("resnet101 computes what torchvision's computes", "[engine][nn][reference]") {
  compare_with_torchvision("resnet101");
}
TEST_CASE("resnet152 computes what torchvision's computes", "[engine][nn][reference]") {
  compare_with_torchvision("resnet152");
}
TEST_CASE("resnext50_32x4d computes what torchvision's computes", "[engine][nn][reference]") {
  compare_with_torchvision("resnext50_32x4d");
}
TEST_CASE("resnext101_32x8d computes what torchvision's computes", "[engine][nn][reference]") {
  compare_with_torchvision("resnext101_32x8d");
}
TEST_CASE("resnext101_64x4d computes what torchvision's computes", "[engine][nn][reference]") {
  compare_with_torchvision("resnext101_64x4d");
}
TEST_CASE("wide_resnet50_2 computes what torchvision's computes", "[engine][nn][reference]") {
  compare_with_torchvision("wide_resnet50_2");
}
TEST_CASE("wide_resnet101_2 computes what torchvision's computes", "[engine][nn][reference]") {
  compare_with_torchvision("wide_resnet101_2");
}
TEST_CASE("every architecture is compared with torchvision's", "[engine][nn]") {
  CHECK(resnet_specs().size() == 10);  // as many as the cases above
}
