// Registering the outputs of runs, and reading them back.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>

#include "../support/errors.hpp"
#include "completed_run.hpp"
#include "registry/model.hpp"
#include "support/hash.hpp"

using namespace amltrain;
using test::contains;
using test::error_of;
using test::Store;

namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::string> kOutputs = {
    {"model.pt", "weights"},
    {"labels.json", R"({"schema": "amltrain.labels/1", "labels": ["ants", "bees"]})"},
    {"extra/report.json", "{}"}};

fs::path folder_of(const Store& store, const ModelVersion& model) {
  return store.workspace.model_version_folder(model.name, model.version);
}

bool scratch_is_empty(const Store& store) { return fs::is_empty(store.workspace.scratch_folder()); }

}  // namespace

TEST_CASE("a registered model has the run's outputs, its lineage, metrics and labels", "[registry]") {
  Store store;
  const RunRecord run = store.run(kOutputs);
  const ModelVersion model = register_model(store.workspace, run, {"pt-dnn", "outputs", {{"stage", "test"}}});
  CHECK(model.name == "pt-dnn");
  CHECK(model.version == 1);
  CHECK(model.run == run.definition.id);
  CHECK(model.experiment == "birds");
  CHECK(model.tags.at("stage") == "test");
  CHECK(model.labels == std::vector<std::string>{"ants", "bees"});
  CHECK(model.metrics == json{{"val_acc", 0.875}});
  REQUIRE(model.data);
  CHECK(model.data->fingerprint == "sha256:abc");
  REQUIRE(model.files.size() == 3);
  CHECK(model.files[2] == HashedFile{"model.pt", 7, sha256_of("weights")});
  CHECK(test::read_plain(folder_of(store, model) / "model.pt") == "weights");
  CHECK(test::read_plain(folder_of(store, model) / "extra/report.json") == "{}");

  CHECK(json(read_model(store.workspace, {"pt-dnn", 1})) == json(model));
  CHECK(verify_model(store.workspace, model).empty());
  CHECK(scratch_is_empty(store));
}

TEST_CASE("one file or one folder of the outputs can be registered", "[registry]") {
  Store store;
  const RunRecord run = store.run(kOutputs);
  const auto paths_of = [&](const std::string& path) {
    std::vector<std::string> paths;
    for (const auto& file : register_model(store.workspace, run, {"m", path, {}}).files)
      paths.push_back(file.path);
    return paths;
  };
  CHECK(paths_of("outputs/model.pt") == std::vector<std::string>{"model.pt"});
  CHECK(paths_of("./outputs/extra/") == std::vector<std::string>{"report.json"});
}

TEST_CASE("a path that is no output is not found, also when it leads out of the run", "[registry]") {
  Store store;
  const RunRecord run = store.run(kOutputs);
  const std::string path =
      GENERATE("outputs/modle.pt", "run.json", "outputs/../run.json", "/etc/passwd", "out", "");
  const Error problem = error_of([&] { register_model(store.workspace, run, {"m", path, {}}); });
  CHECK(problem.kind() == category::not_found);
  CHECK_FALSE(problem.hint().empty());
  CHECK(list_models(store.workspace).empty());
  CHECK(scratch_is_empty(store));
}

TEST_CASE("only a completed run is registered", "[registry]") {
  Store store;
  const RunRecord run = store.run(kOutputs, State::failed);
  const Error problem = error_of([&] { register_model(store.workspace, run, {"m", "outputs", {}}); });
  CHECK(problem.kind() == category::conflict);
  CHECK(contains(problem.what(), "Failed"));
}

TEST_CASE("a file that changed since the run ended is refused by name, and no version appears",
          "[registry]") {
  Store store;
  const RunRecord run = store.run(kOutputs);
  test::write_plain(RunPaths(store.workspace, run.definition.id).outputs() / "model.pt", "WEIGHTS");
  const Error problem = error_of([&] { register_model(store.workspace, run, {"m", "outputs", {}}); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "model.pt"));
  CHECK(list_models(store.workspace).empty());
  CHECK(scratch_is_empty(store));
}

TEST_CASE("an output named model.json is refused: the registry keeps its own there", "[registry]") {
  Store store;
  const RunRecord run = store.run({{"model.json", "{}"}, {"model.pt", "weights"}});
  CHECK(error_of([&] {
          register_model(store.workspace, run, {"m", "outputs", {}});
        }).kind() == category::bad_input);
  CHECK(register_model(store.workspace, run, {"m", "outputs/model.pt", {}}).version == 1);
}

TEST_CASE("labels may be a plain list, as another trainer writes them", "[registry]") {
  Store store;
  const RunRecord run = store.run({{"labels.json", R"(["ants", "bees"])"}});
  CHECK(register_model(store.workspace, run, {"m", "outputs", {}}).labels ==
        std::vector<std::string>{"ants", "bees"});
}

TEST_CASE("labels of a foreign shape are no labels and no error", "[registry]") {
  Store store;
  const std::string labels = GENERATE("not json", "[1, 2]", "{\"ants\": 0}", "\"ants\"", "");
  CHECK(register_model(store.workspace, store.run({{"labels.json", labels}}), {"m", "outputs", {}})
            .labels.empty());
}

TEST_CASE("names that can't be folders are refused", "[registry]") {
  Store store;
  const RunRecord run = store.run(kOutputs);
  const std::string name = GENERATE("", "../m", "a/b", ".hidden", "m:1");
  CHECK(error_of([&] {
          register_model(store.workspace, run, {name, "outputs", {}});
        }).kind() == category::bad_input);
}

TEST_CASE("versions count up by name, and lists show the newest first", "[registry]") {
  Store store;
  const RunRecord run = store.run(kOutputs);
  for (const char* name : {"a", "b", "a"}) register_model(store.workspace, run, {name, "outputs", {}});
  const auto models = list_models(store.workspace);
  REQUIRE(models.size() == 3);
  CHECK(models[0].created_at >= models[1].created_at);
  CHECK(models[1].created_at >= models[2].created_at);
  const auto of_a = list_models(store.workspace, "a");
  REQUIRE(of_a.size() == 2);
  CHECK(of_a[0].version == 2);
  CHECK(of_a[1].version == 1);
  CHECK(read_model(store.workspace, {"a", {}}).version == 2);
  CHECK(error_of([&] { list_models(store.workspace, "c"); }).kind() == category::not_found);
}

TEST_CASE("processes that register at once get one version each", "[registry]") {
  constexpr int kProcesses = 8;
  Store store;
  const RunRecord run = store.run(kOutputs);
  std::array<int, 2> gate{};
  REQUIRE(pipe(gate.data()) == 0);
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      close(gate[1]);
      char byte = 0;
      const bool opened = read(gate[0], &byte, 1) == 0;  // all wait here until the parent closes its end
      try {
        register_model(store.workspace, run, {"m", "outputs", {{"process", std::to_string(i)}}});
        _exit(opened ? 0 : 1);
      } catch (...) {
        _exit(2);
      }
    }
    children.push_back(child);
  }
  close(gate[0]);
  close(gate[1]);
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  std::map<std::string, int> version_of;
  for (int version = 1; version <= kProcesses; ++version) {
    const ModelVersion model = read_model(store.workspace, {"m", version});
    CHECK(model.version == version);
    CHECK(verify_model(store.workspace, model).empty());
    version_of[model.tags.at("process")] = version;
  }
  CHECK(version_of.size() == kProcesses);
  CHECK(list_models(store.workspace).size() == kProcesses);
  CHECK(scratch_is_empty(store));
}

TEST_CASE("verify finds a flipped bit, a cut file and a missing one, by name", "[registry]") {
  Store store;
  const ModelVersion model = register_model(store.workspace, store.run(kOutputs), {"m", "outputs", {}});
  const fs::path folder = folder_of(store, model);
  test::write_plain(folder / "model.pt", std::string("weights").replace(3, 1, 1, 'g' ^ 1));
  fs::resize_file(folder / "labels.json", 3);
  fs::remove(folder / "extra/report.json");
  std::map<std::string, std::string> problems;
  for (const FileFault& fault : verify_model(store.workspace, model)) problems[fault.path] = fault.problem;
  REQUIRE(problems.size() == 3);
  CHECK(problems["model.pt"] == "content changed");
  CHECK(contains(problems["labels.json"], "3 bytes"));
  CHECK(problems["extra/report.json"] == "missing");
}

TEST_CASE("an unknown model or version is not found, with what there is", "[registry]") {
  Store store;
  register_model(store.workspace, store.run(kOutputs), {"pt-dnn", "outputs", {}});
  const Error name = error_of([&] { read_model(store.workspace, {"pt-dn", {}}); });
  CHECK(name.kind() == category::not_found);
  CHECK(contains(name.hint(), "pt-dnn"));
  const Error version = error_of([&] { read_model(store.workspace, {"pt-dnn", 7}); });
  CHECK(version.kind() == category::not_found);
  CHECK(contains(version.hint(), "1"));
}

TEST_CASE("a model document of another version is refused", "[registry]") {
  Store store;
  json document = register_model(store.workspace, store.run(kOutputs), {"m", "outputs", {}});
  CHECK(json(parse_model_version(document)) == document);
  document["schema"] = "amltrain.model/2";
  CHECK(error_of([&] { parse_model_version(document); }).kind() == category::bad_input);
}
