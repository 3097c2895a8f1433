// From --weights to a file: torch hub's cache, a mirror served over HTTP, registered models, paths.
#include "registry/weights.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "../support/errors.hpp"
#include "completed_run.hpp"
#include "engine/nn/spec.hpp"
#include "http_server.hpp"
#include "registry/model.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/process.hpp"

using namespace amltrain;
using test::contains;
using test::error_of;
using test::HttpServer;
using test::TemporaryFolder;

namespace {

namespace fs = std::filesystem;

/// The SHA-256 of these bytes begins with the published prefix of resnext101_32x8d, found by trying 7 * 10^7
/// such texts: they stand in for the 340 MB file, without a way around the check.
const std::string kArch = "resnext101_32x8d";
const std::string kContent = "weights 44f2cfc";
const std::string kFile = "resnext101_32x8d-8ba56ff5.pth";

class Setting {
 public:
  Setting(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    value.empty() ? unsetenv(name) : setenv(name, value.c_str(), 1);
  }
  ~Setting() { before_ ? setenv(name_, before_->c_str(), 1) : unsetenv(name_); }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

/// A mirror that has kFile, and an empty cache.
struct Mirror {
  TemporaryFolder files, cache;
  HttpServer server;
  Setting mirror, torch_home;
  fs::path cached = cache / "hub" / "checkpoints" / kFile;

  Mirror()
      : server((test::write_plain(files / kFile, kContent), files.path())),
        mirror("AMLTRAIN_WEIGHTS_MIRROR", server.url("")),
        torch_home("TORCH_HOME", cache.path().string()) {}
};

std::optional<fs::path> resolve(const std::string& weights, const std::optional<Workspace>& workspace = {}) {
  return resolve_weights(weights, kArch, workspace, {});
}

}  // namespace

TEST_CASE("every architecture of the engine has published weights", "[registry]") {
  for (const auto& spec : engine::resnet_specs()) {
    const PublishedWeights published = imagenet_weights(spec.name);
    CHECK(published.url ==
          "https://download.pytorch.org/models/" + spec.name + "-" + published.hash_prefix + ".pth");
    CHECK(published.hash_prefix.size() == 8);
  }
  const Error problem = error_of([] { imagenet_weights("vgg16"); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.hint(), "resnet18"));
}

TEST_CASE("the published weights are those that torchvision lists", "[registry][reference]") {
  const char* const python = std::getenv("AMLTRAIN_REFERENCE_PYTHON");
  if (python == nullptr) {
    WARN("skipped: AMLTRAIN_REFERENCE_PYTHON is not set");
    return;
  }
  TemporaryFolder out;
  Command command;
  command.arguments = {python, AMLTRAIN_REFERENCE_SCRIPTS "/imagenet_weights.py", out.path().string()};
  for (const auto& spec : engine::resnet_specs()) command.arguments.push_back(spec.name);
  REQUIRE(wait_for(start_process(command)).ok());
  const json urls = parse_json(read_file(out / "manifest.json"), "manifest.json");
  CHECK(urls.size() == engine::resnet_specs().size());
  for (const auto& [arch, url] : urls.items()) CHECK(imagenet_weights(arch).url == url.get<std::string>());
}

TEST_CASE("ImageNet weights are downloaded once, checked, into torch hub's cache", "[registry]") {
  REQUIRE(sha256_of(kContent).starts_with("8ba56ff5"));
  Mirror mirror;
  CHECK(resolve("imagenet") == mirror.cached);
  CHECK(test::read_plain(mirror.cached) == kContent);
  CHECK(resolve("imagenet") == mirror.cached);
  CHECK(mirror.server.log().size() == 1);
  CHECK(test::entries_in(mirror.cached.parent_path()) == 1);
}

TEST_CASE("a mirror with another file under the published name is refused", "[registry]") {
  Mirror mirror;
  test::write_plain(mirror.files / kFile, "other weights");
  const Error problem = error_of([] { resolve("imagenet"); });
  CHECK(problem.kind() == category::environment);
  CHECK(contains(problem.what(), "8ba56ff5"));
  CHECK(fs::is_empty(mirror.cached.parent_path()));
}

TEST_CASE("a cached file that is damaged is named and left for the user to remove", "[registry]") {
  Mirror mirror;
  fs::create_directories(mirror.cached.parent_path());
  test::write_plain(mirror.cached, "half a fi");
  const Error problem = error_of([] { resolve("imagenet"); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), mirror.cached.string()));
  CHECK(mirror.server.log().empty());
}

TEST_CASE("without the network the error says what to fetch and where to put it", "[registry]") {
  Mirror mirror;
  const std::string folder = GENERATE("http://127.0.0.1:1/models", "status/404");
  const Setting offline("AMLTRAIN_WEIGHTS_MIRROR",
                        folder.starts_with("http") ? folder : mirror.server.url(folder));
  const Error problem = error_of([] { resolve("imagenet"); });
  CHECK(problem.kind() == category::environment);
  CHECK(contains(problem.hint(), folder + "/" + kFile));
  CHECK(contains(problem.hint(), mirror.cached.string()));

  fs::create_directories(mirror.cached.parent_path());
  test::write_plain(mirror.cached, kContent);
  CHECK(resolve("imagenet") == mirror.cached);
}

TEST_CASE("the cache is found as torch hub finds it", "[registry]") {
  Mirror mirror;
  TemporaryFolder home;
  const Setting home_folder("HOME", home.path().string());
  SECTION("$XDG_CACHE_HOME/torch when $TORCH_HOME is not set") {
    const Setting torch_home("TORCH_HOME", "");
    const Setting xdg("XDG_CACHE_HOME", (home / "xdg").string());
    CHECK(resolve("imagenet") == home / "xdg/torch/hub/checkpoints" / kFile);
  }
  SECTION("~/.cache/torch when neither is set") {
    const Setting torch_home("TORCH_HOME", "");
    const Setting xdg("XDG_CACHE_HOME", "");
    CHECK(resolve("imagenet") == home / ".cache/torch/hub/checkpoints" / kFile);
  }
  SECTION("a ~ in $TORCH_HOME is the home folder") {
    const Setting torch_home("TORCH_HOME", "~/torch");
    CHECK(resolve("imagenet") == home / "torch/hub/checkpoints" / kFile);
  }
}

TEST_CASE("none is no file, a path is that file, and anything else is not found", "[registry]") {
  TemporaryFolder here;
  test::write_plain(here / "my.pth", "x");
  CHECK_FALSE(resolve("none"));
  CHECK(resolve((here / "my.pth").string()) == here / "my.pth");
  const Error problem = error_of([&] { resolve((here / "your.pth").string()); });
  CHECK(problem.kind() == category::not_found);
  CHECK(contains(problem.hint(), "models:/NAME/VERSION"));
}

TEST_CASE("a registered model gives its weights file, verified", "[registry]") {
  test::Store store;
  const ModelVersion model = register_model(
      store.workspace, store.run({{"model.pt", "weights"}, {"last.pt", "x"}}), {"m", "outputs", {}});
  const fs::path file = store.workspace.model_version_folder("m", 1) / "model.pt";
  CHECK(resolve("models:/m/1", store.workspace) == file);
  CHECK(resolve("azureml:m@latest", store.workspace) == file);
  CHECK(error_of([&] { resolve("models:/m/2", store.workspace); }).kind() == category::not_found);
  CHECK(error_of([&] { resolve("models:/m/x", store.workspace); }).kind() == category::bad_input);
  CHECK(error_of([&] { resolve("models:/m/1"); }).kind() == category::not_found);

  test::write_plain(file, "Weights");
  CHECK(error_of([&] { resolve("models:/m/1", store.workspace); }).kind() == category::bad_input);
}

TEST_CASE("a model with no weights file, or with several and no model.pt, is refused by name", "[registry]") {
  test::Store store;
  register_model(store.workspace, store.run({{"notes.txt", "x"}}), {"none", "outputs", {}});
  register_model(store.workspace, store.run({{"a.pth", "x"}, {"b.safetensors", "y"}}),
                 {"two", "outputs", {}});
  register_model(store.workspace, store.run({{"a.safetensors", "y"}, {"notes.txt", "x"}}),
                 {"one", "outputs", {}});
  CHECK(error_of([&] { resolve("models:/none", store.workspace); }).kind() == category::bad_input);
  CHECK(contains(error_of([&] { resolve("models:/two", store.workspace); }).what(), "a.pth, b.safetensors"));
  CHECK(resolve("models:/one", store.workspace)->filename() == "a.safetensors");
}
