#include "workspace/workspace.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <thread>

#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

/// The current folder, put back at the end.
class WorkingFolder {
 public:
  explicit WorkingFolder(const std::filesystem::path& folder) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(folder);
  }
  ~WorkingFolder() { std::filesystem::current_path(before_); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;

 private:
  std::filesystem::path before_;
};

/// AMLTRAIN_WORKSPACE as a test wants it, unset at the end.
struct WorkspaceVariable {
  explicit WorkspaceVariable(const std::string& value) { setenv("AMLTRAIN_WORKSPACE", value.c_str(), 1); }
  ~WorkspaceVariable() { unsetenv("AMLTRAIN_WORKSPACE"); }
  WorkspaceVariable(const WorkspaceVariable&) = delete;
  WorkspaceVariable& operator=(const WorkspaceVariable&) = delete;
};

}  // namespace

TEST_CASE("a new workspace is named by its folder or as asked", "[workspace]") {
  const TemporaryFolder folder;
  const auto own = Workspace::init(folder / "a/birds", "");
  CHECK(own.created);
  CHECK(own.workspace.name() == "birds");
  CHECK(own.workspace.root() == folder / "a/birds");
  const auto named = Workspace::init(folder / "b c", "ants");
  CHECK(named.workspace.name() == "ants");
  CHECK(Workspace::open(folder / "b c").created_at() == named.workspace.created_at());
  CHECK(entries_in(folder / "b c") == 1);
}

TEST_CASE("init on a workspace changes nothing and says so", "[workspace]") {
  const TemporaryFolder folder;
  Workspace::init(folder.path(), "first");
  const std::string before = read_plain(folder / ".amltrain/workspace.json");
  const auto again = Workspace::init(folder.path(), "second");
  CHECK_FALSE(again.created);
  CHECK(again.workspace.name() == "first");
  CHECK(read_plain(folder / ".amltrain/workspace.json") == before);
}

TEST_CASE("of many inits at once one makes the workspace and the others find it", "[workspace]") {
  const TemporaryFolder folder;
  std::atomic<int> created = 0, found = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { ++(Workspace::init(folder.path(), "w").created ? created : found); });
  for (std::thread& thread : threads) thread.join();
  CHECK(created == 1);
  CHECK(found == 7);
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("a folder whose name cannot be a workspace's asks for one", "[workspace]") {
  const TemporaryFolder folder;
  const Error own = error_of([&] { Workspace::init(folder / "my data", ""); });
  CHECK(own.kind() == category::bad_input);
  CHECK(contains(own.hint(), "--name"));
  CHECK(error_of([&] { Workspace::init(folder / "x", "a/b"); }).kind() == category::bad_input);
  CHECK_FALSE(std::filesystem::exists(folder / "x/.amltrain"));
}

TEST_CASE("a store without its document is not taken for a workspace nor written over", "[workspace]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / ".amltrain");
  CHECK(error_of([&] { Workspace::init(folder.path(), "w"); }).kind() == category::conflict);
  CHECK(error_of([&] { Workspace::open(folder.path()); }).kind() == category::not_found);
}

TEST_CASE("a workspace of another version is refused", "[workspace]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / ".amltrain");
  write_plain(folder / ".amltrain/workspace.json", R"({"schema": "amltrain.workspace/2", "name": "w"})");
  const Error problem = error_of([&] { Workspace::open(folder.path()); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "amltrain.workspace/2"));
}

TEST_CASE("the nearest workspace upward is found", "[workspace]") {
  const TemporaryFolder folder;
  Workspace::init(folder.path(), "outer");
  Workspace::init(folder / "inner", "inner");
  std::filesystem::create_directories(folder / "inner/a/b");
  std::filesystem::create_directories(folder / "beside/a");
  {
    const WorkingFolder here(folder / "inner/a/b");
    CHECK(Workspace::find({}).name() == "inner");
  }
  const WorkingFolder here(folder / "beside/a");
  CHECK(Workspace::find({}).name() == "outer");
}

TEST_CASE("the chosen workspace counts before the variable, the variable before the folder", "[workspace]") {
  const TemporaryFolder folder;
  for (const char* name : {"chosen", "variable", "here"}) Workspace::init(folder / name, "");
  const WorkingFolder here(folder / "here");
  {
    const WorkspaceVariable variable((folder / "variable").string());
    CHECK(Workspace::find(folder / "chosen").name() == "chosen");
    CHECK(Workspace::find({}).name() == "variable");
  }
  {
    const WorkspaceVariable empty("");
    CHECK(Workspace::find({}).name() == "here");
  }
  const WorkspaceVariable wrong((folder / "nowhere").string());
  const Error problem = error_of([&] { Workspace::find({}); });
  CHECK(problem.kind() == category::not_found);
  CHECK(contains(problem.what(), "AMLTRAIN_WORKSPACE"));
}

TEST_CASE("without a workspace the error says how to make one", "[workspace]") {
  const TemporaryFolder folder;
  const WorkingFolder here(folder.path());
  const Error problem = error_of([] { Workspace::find({}); });
  CHECK(problem.kind() == category::not_found);
  CHECK(contains(problem.hint(), "amltrain workspace init"));
  const Error chosen = error_of([&] { Workspace::find(folder / "b c"); });
  CHECK(contains(chosen.hint(), "workspace init '" + (folder / "b c").string() + "'"));
}

TEST_CASE("a moved workspace works where it is now", "[workspace]") {
  const TemporaryFolder folder;
  Workspace::init(folder / "old", "w");
  std::filesystem::rename(folder / "old", folder / "new");
  CHECK(to_document(Workspace::open(folder / "new"))["root"] == (folder / "new").string());
}

TEST_CASE("present names are sorted, without temporary ones and other kinds of entries", "[workspace]") {
  const TemporaryFolder folder;
  const Workspace workspace = Workspace::init(folder.path(), "w").workspace;
  write_plain(workspace.experiment_file("b"), "{}");
  write_plain(workspace.experiment_file("a.2"), "{}");
  write_plain(workspace.store() / "experiments/.amltrain-tmp-00", "");
  write_plain(workspace.store() / "experiments/notes.txt", "");
  CHECK(workspace.experiments() == std::vector<std::string>{"a.2", "b"});
  std::filesystem::create_directory(workspace.run_folder("r2"));
  std::filesystem::create_directory(workspace.run_folder("r1"));
  write_plain(workspace.run_folder("file"), "");
  CHECK(workspace.runs() == std::vector<std::string>{"r1", "r2"});
  std::filesystem::remove_all(workspace.store() / "models");
  CHECK(workspace.models().empty());
}

TEST_CASE("no name leads out of its folder", "[workspace]") {
  const TemporaryFolder folder;
  const Workspace workspace = Workspace::init(folder.path(), "w").workspace;
  const std::string name = GENERATE(as<std::string>(), "", ".", "..", "../x", "a/b", ".hidden");
  CHECK_THROWS_AS(workspace.run_folder(name), Error);
  CHECK_THROWS_AS(workspace.experiment_file(name), Error);
  CHECK_THROWS_AS(workspace.model_version_folder(name, 1), Error);
}

TEST_CASE("an unknown name is answered with the near one and what to do", "[workspace]") {
  const TemporaryFolder folder;
  const Workspace workspace = Workspace::init(folder.path(), "w").workspace;
  const Error near =
      error_of([&] { throw_unknown("experiment", "brids", {"birds"}, workspace, "create it with: x"); });
  CHECK(near.kind() == category::not_found);
  CHECK(near.what() == "no experiment named 'brids' in workspace " + folder.path().string());
  CHECK(near.hint() == "did you mean 'birds'? create it with: x");
  CHECK(error_of([&] { throw_unknown("experiment", "x", {"birds"}, workspace, ""); }).hint().empty());
}
