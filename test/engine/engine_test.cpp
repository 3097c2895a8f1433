#include <catch2/catch.hpp>

#include "engine/api.hpp"
#include "engine/train/drawn_folder.hpp"
#include "image/reference.hpp"
#include "support/error.hpp"
#include "support/hash.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

void silent(const std::string&) {}

/// A model trained on drawn images in folder/data, saved in folder/out.
ExportOptions trained_in(const TemporaryFolder& folder) {
  draw_folder(folder / "data", 4, 2);
  TrainOptions options = quick_options(folder / "data", folder / "out");
  options.epochs = 1;
  open_engine().train(options, silent, [] { return false; });
  ExportOptions exporting;
  exporting.model = folder / "out/model.pt";
  exporting.target = folder / "model.onnx";
  return exporting;
}

}  // namespace

TEST_CASE("what a callback throws in a training passes through the library", "[engine]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 2, 1);
  const auto full = [](const std::string&) { throw Error(category::environment, "the log's disk is full"); };
  CHECK_THROWS_WITH(
      open_engine().train(quick_options(folder / "data", folder / "out"), full, [] { return false; }),
      "the log's disk is full");
}

TEST_CASE("two threads give the same bytes twice", "[engine]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 4, 2);
  TrainOptions options = quick_options(folder / "data", folder / "out");
  options.threads = 2;
  options.precision = GENERATE(Precision::fp32, Precision::bf16);
  open_engine().train(options, silent, [] { return false; });
  const std::string first = sha256_of_file(folder / "out/model.pt");
  open_engine().train(options, silent, [] { return false; });
  CHECK(sha256_of_file(folder / "out/model.pt") == first);
}

TEST_CASE("a trained model becomes an ONNX file that computes the same", "[engine]") {
  const TemporaryFolder folder;
  ExportOptions options = trained_in(folder);
  options.check = true;
  options.check_data = folder / "data";
  options.fold_batch_norm = GENERATE(false, true);
  const ExportReport report = open_engine().export_onnx(options, silent);
  CHECK(report.arch == "resnet18");
  CHECK(report.labels == std::vector<std::string>{"dark", "light"});
  CHECK(report.bytes == std::filesystem::file_size(options.target));
  CHECK(report.sha256 == sha256_of_file(options.target));
  CHECK(report.opset == 17);
  CHECK(report.checked);
  CHECK(report.images_checked == 4);
  CHECK(report.largest_difference < 1e-4);
}

TEST_CASE("an ONNX file says how large the images were that its model was trained on",
          "[engine][reference]") {
  if (!have_reference()) return;
  const TemporaryFolder folder;
  const ExportOptions options = trained_in(folder);
  open_engine().export_onnx(options, silent);
  const json manifest = run_reference("onnx_metadata.py", folder.path(), {options.target.string()});
  const json report = parse_json(read_plain(folder / "out/report.json"), "report.json");
  const int side = report.at("image_size");
  CHECK(side != 224);  // which is what a file without a report says
  CHECK(manifest.at("metadata").at("image_size") == std::to_string(side));
  CHECK(manifest.at("metadata").at("resize_size") == std::to_string(report.at("resize_size").get<int>()));
  CHECK(manifest.at("input") == json({"N", 3, side, side}));
}

TEST_CASE("a report beside the model with sizes that are none is refused", "[engine]") {
  const TemporaryFolder folder;
  const ExportOptions options = trained_in(folder);
  write_plain(folder / "out/report.json",
              R"({"schema": "amltrain.training-report/1", "image_size": 64, "resize_size": 32})");
  CHECK_THROWS_WITH(open_engine().export_onnx(options, silent), Catch::Contains("report.json: images can't"));
  CHECK_FALSE(std::filesystem::exists(options.target));
}

TEST_CASE("an export is checked on drawn images when there is no data", "[engine]") {
  const TemporaryFolder folder;
  ExportOptions options = trained_in(folder);
  options.check = true;
  const ExportReport report = open_engine().export_onnx(options, silent);
  CHECK(report.images_checked == 32);
  CHECK(report.largest_difference < 1e-4);
}

TEST_CASE("an export replaces a file only when told to", "[engine]") {
  const TemporaryFolder folder;
  ExportOptions options = trained_in(folder);
  write_plain(options.target, "mine");
  try {
    open_engine().export_onnx(options, silent);
    FAIL("no error");
  } catch (const Error& problem) {
    CHECK(problem.kind() == category::conflict);
  }
  CHECK(read_plain(options.target) == "mine");
  options.overwrite = true;
  CHECK(open_engine().export_onnx(options, silent).bytes > 40'000'000);
}

TEST_CASE("labels beside the model are used when they fit, named ones must", "[engine]") {
  const TemporaryFolder folder;
  ExportOptions options = trained_in(folder);
  write_plain(folder / "out/labels.json", R"({"schema": "amltrain.labels/1", "labels": ["one"]})");
  std::vector<std::string> lines;
  const ExportReport report =
      open_engine().export_onnx(options, [&](const std::string& line) { lines.push_back(line); });
  CHECK(report.labels.empty());
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0], Catch::StartsWith("labels left out: "));

  options.labels = folder / "out/labels.json";
  options.target = folder / "second.onnx";
  CHECK_THROWS_WITH(open_engine().export_onnx(options, silent), Catch::Contains("holds 1 labels"));
  CHECK_FALSE(std::filesystem::exists(options.target));
}
