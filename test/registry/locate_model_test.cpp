// From MODEL on the command line to a weights file.
#include "registry/locate_model.hpp"

#include <catch2/catch.hpp>

#include "../support/errors.hpp"
#include "completed_run.hpp"
#include "registry/model.hpp"
#include "support/error.hpp"

using namespace amltrain;
namespace fs = std::filesystem;

namespace {

category kind_of(const std::string& text, const std::optional<Workspace>& workspace = {}) {
  return test::error_of([&] { locate_model(text, workspace); }).kind();
}

}  // namespace

TEST_CASE("a weights file and its folder are found without a workspace", "[registry]") {
  const test::TemporaryFolder here;
  fs::create_directories(here / "model");
  test::write_plain(here / "model/labels.json", "{}");
  CHECK(kind_of((here / "model").string()) == category::bad_input);
  test::write_plain(here / "model/first.pth", "x");
  CHECK(locate_model((here / "model").string(), {}).weights == here / "model/first.pth");
  test::write_plain(here / "model/second.safetensors", "x");
  CHECK(kind_of((here / "model").string()) == category::bad_input);
  test::write_plain(here / "model/model.pt", "x");
  CHECK(locate_model((here / "model").string(), {}).weights == here / "model/model.pt");
  CHECK(locate_model((here / "model/first.pth").string(), {}).weights == here / "model/first.pth");
  CHECK(kind_of((here / "nothing").string()) == category::not_found);
}

TEST_CASE("a model's name in any form and a run give their weights with the data", "[registry]") {
  const test::Store store;
  const RunRecord run = store.run({{"model.pt", "weights"}, {"labels.json", "[]"}});
  register_model(store.workspace, run, {"m", "outputs", {}});
  const fs::path file = store.workspace.model_version_folder("m", 1) / "model.pt";
  for (const char* name : {"m", "m:1", "m/1", "m@latest", "models:/m/1", "azureml:m:1"}) {
    const LocatedModel model = locate_model(name, store.workspace);
    CHECK(model.weights == file);
    CHECK(model.title == "model m:1");
    CHECK(model.data->name == "insects");
  }
  const std::string id = run.definition.id;
  CHECK(locate_model(id, store.workspace).weights == RunPaths(store.workspace, id).outputs() / "model.pt");
  CHECK(kind_of("m:2", store.workspace) == category::not_found);
  CHECK(kind_of("other", store.workspace) == category::not_found);
  CHECK(kind_of("m") == category::not_found);
}

TEST_CASE("labels that changed beside registered weights are told", "[registry]") {
  const test::Store store;
  register_model(store.workspace, store.run({{"model.pt", "weights"}, {"labels.json", "[]"}}),
                 {"m", "outputs", {}});
  test::write_plain(store.workspace.model_version_folder("m", 1) / "labels.json", "{}");
  CHECK(kind_of("m", store.workspace) == category::bad_input);
}

TEST_CASE("a folder of the model's name that holds no weights does not hide the model", "[registry]") {
  const test::Store store;
  register_model(store.workspace, store.run({{"model.pt", "weights"}}), {"m", "outputs", {}});
  const fs::path before = fs::current_path();
  fs::current_path(store.home.path());
  fs::create_directories("m");
  CHECK(locate_model("m", store.workspace).title == "model m:1");
  test::write_plain("m/model.pt", "mine");
  CHECK(locate_model("m", store.workspace).weights == fs::path("m/model.pt"));
  fs::current_path(before);
}
