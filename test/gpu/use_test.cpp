#include <catch2/catch.hpp>

#include "engine/train/drawn_folder.hpp"
#include "engine/use/evaluate.hpp"
#include "engine/use/finished_model.hpp"
#include "engine/use/predict.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

ModelUse use_on(const std::string& device, const std::filesystem::path& folder) {
  ModelUse use;
  use.model = folder / "model/model.pt";
  use.device = device;
  use.batch_size = 3;  // of which eight images leave a rest
  return use;
}

std::vector<Prediction> predicted(const ModelUse& use, const std::filesystem::path& images) {
  std::vector<Prediction> found;
  predict({.use = use, .inputs = {images}, .top = 2}, [&](const Prediction& one) { found.push_back(one); });
  return found;
}

}  // namespace

TEST_CASE("evaluate and predict on the GPU say what they say on the CPU", "[gpu]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 1, 4);
  put_model(folder / "model", {"dark", "light"});
  const ModelUse on_cpu = use_on("cpu", folder.path()), on_gpu = use_on("cuda", folder.path());
  const auto silent = [](const std::string&) {};
  const json host = engine::evaluate({on_cpu, "model", folder / "data", "val"}, silent);
  const json gpu = engine::evaluate({on_gpu, "model", folder / "data", "val"}, silent);
  CHECK(std::string(gpu.at("device")).starts_with("cuda"));
  CHECK(gpu.at("images") == 8);
  CHECK(gpu.at("loss").get<double>() == Approx(host.at("loss").get<double>()).epsilon(1e-4));
  CHECK(gpu.at("confusion") == host.at("confusion"));

  const std::vector<Prediction> ours = predicted(on_gpu, folder / "data/val"),
                                theirs = predicted(on_cpu, folder / "data/val");
  REQUIRE(ours.size() == theirs.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    CHECK(ours[i].file == theirs[i].file);
    CHECK(ours[i].top.at(0).label == theirs[i].top.at(0).label);
    CHECK(ours[i].top.at(0).probability == Approx(theirs[i].top.at(0).probability).margin(1e-4));
  }
}
