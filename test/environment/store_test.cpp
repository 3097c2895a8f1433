#include "environment/store.hpp"

#include <catch2/catch.hpp>

#include "support/capture.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

/// A wheel is an archive with the module and a folder that describes it (PEP 427).
std::string make_wheel(const TemporaryFolder& folder, const std::string& module) {
  const auto made = folder / "made";
  write_below(made / "little.py", module);
  write_below(made / "little-1.5.dist-info/METADATA", "Metadata-Version: 2.1\nName: little\nVersion: 1.5\n");
  write_below(made / "little-1.5.dist-info/WHEEL",
              "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
  write_below(made / "little-1.5.dist-info/RECORD", "");
  const std::string wheel = (folder / "little-1.5-py3-none-any.whl").string();
  std::filesystem::remove(wheel);
  Command zip;
  zip.working_folder = made;
  zip.arguments = {"python3", "-m", "zipfile", "-c", wheel, "little.py", "little-1.5.dist-info"};
  REQUIRE(wait_for(start_process(zip)).ok());
  return wheel;
}

std::string answer_of(const Environment& environment, const std::string& program) {
  Command command;
  command.arguments = {(environment.folder / "bin" / "python").string(), "-c", program};
  const auto answer = capture(command, 1000, std::chrono::seconds(60));
  REQUIRE(answer);
  return answer->text;
}

struct Store {
  TemporaryFolder folder;
  Workspace workspace = Workspace::init(folder.path(), "test").workspace;
  std::filesystem::path log = folder / "environment.log";

  EnvironmentKey build(const EnvironmentSpec& spec) const {
    const EnvironmentKey key = identify_environment(spec);
    const auto lock = try_lock_environment(workspace, key.sha256);
    REQUIRE(lock);
    build_environment(workspace, spec, key, log, *lock);
    return key;
  }
};

}  // namespace

TEST_CASE("an environment holds what it was asked to, and is there again", "[environment]") {
  const Store store;
  const EnvironmentSpec spec{"", {make_wheel(store.folder, "answer = 42\n"), "--no-index"}, {}};
  const EnvironmentKey key = identify_environment(spec);
  CHECK_FALSE(find_environment(store.workspace, key.sha256));

  // A builder that was killed has left a part of it.
  write_below(store.workspace.environment_folder(key.sha256) / "bin/python", "half");
  CHECK_FALSE(find_environment(store.workspace, key.sha256));
  CHECK(store.build(spec).sha256 == key.sha256);

  const auto found = find_environment(store.workspace, identify_environment(spec).sha256);
  REQUIRE(found);
  CHECK(found->packages.at("little") == "1.5");
  CHECK(found->python.version == find_python("").version);
  CHECK_FALSE(found->built_by.empty());
  CHECK(answer_of(*found, "import little; print(little.answer)") == "42\n");
  CHECK(contains(read_plain(store.log), "pip install"));

  SECTION("another content of the wheel is another environment") {
    make_wheel(store.folder, "answer = 43\n");
    CHECK(identify_environment(spec).sha256 != key.sha256);
  }
  SECTION("in a workspace that was moved it is built again") {
    const auto document = store.workspace.environment_file(key.sha256);
    std::string text = read_plain(document);
    text.replace(text.find(store.folder.path().string()), store.folder.path().string().size(), "/elsewhere");
    write_plain(document, text);
    CHECK_FALSE(find_environment(store.workspace, key.sha256));
  }
  SECTION("one whose Python has gone counts for nothing") {
    std::filesystem::remove(found->folder / "bin" / "python");
    CHECK_FALSE(find_environment(store.workspace, key.sha256));
  }
}

TEST_CASE("a build that fails says what its builder said last, and leaves nothing", "[environment]") {
  const Store store;
  const EnvironmentSpec spec{"", {"--no-index", "no-such-package==1.0"}, {}};
  const EnvironmentKey key = identify_environment(spec);
  const Error problem = error_of([&] { store.build(spec); });
  CHECK(problem.kind() == category::run_failed);
  CHECK(contains(problem.what(), "no-such-package"));
  CHECK(contains(problem.hint(), "environment.log"));
  CHECK_FALSE(std::filesystem::exists(store.workspace.environment_folder(key.sha256)));
  CHECK_FALSE(std::filesystem::exists(store.workspace.environment_file(key.sha256)));
}

TEST_CASE("of two builders of the same environment one has the lock", "[environment]") {
  const Store store;
  const auto first = try_lock_environment(store.workspace, "abc");
  CHECK(first);
  CHECK_FALSE(try_lock_environment(store.workspace, "abc"));
  CHECK(try_lock_environment(store.workspace, "abd"));
}

TEST_CASE("a wheel that is gone, or a Python that isn't there, has no environment", "[environment]") {
  CHECK(error_of([] {
          identify_environment({"", {"/no/such-1-py3-none-any.whl"}, {}});
        }).kind() == category::not_found);
  CHECK(error_of([] { identify_environment({"3.2", {"x"}, {}}); }).kind() == category::not_found);
}
