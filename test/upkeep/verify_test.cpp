// The bits of every document are flipped in test/support and test/history, and by the thousand in
// scripts/faults/flips; here each kind of fault is named once.
#include "upkeep/verify.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <span>
#include <thread>

#include "environment/store.hpp"
#include "support/children.hpp"
#include "support/sealed.hpp"
#include "upkeep/findings.hpp"
#include "whole_store.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

std::string faults_of(const Workspace& workspace) {
  std::string text;
  for (const StoreFault& fault : verify_workspace(workspace, 2).faults)
    text += fault.path + ": " + fault.problem + "\n";
  return text;
}

void flip(const fs::path& file) {
  std::string content = read_plain(file);
  content[content.size() / 2] ^= 1;
  fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
  write_plain(file, content);
}

/// The writing end of the pipe, once somebody reads it.
Fd await_reader(const fs::path& pipe) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (true) {
    Fd end(open(pipe.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    if (end || std::chrono::steady_clock::now() > deadline) return end;
    std::this_thread::yield();
  }
}

void swap_files(const fs::path& left, const fs::path& right) {
  const std::string content = read_plain(left);
  write_plain(left, read_plain(right));
  write_plain(right, content);
}

}  // namespace

TEST_CASE("an environment that is damaged, or has lost its Python, is named", "[upkeep]") {
  const WholeStore store;
  Environment made;
  made.sha256 = "abc";
  made.folder = store.workspace.environment_folder("abc");
  const fs::path python = made.folder / "bin" / "python", document = store.workspace.environment_file("abc");
  write_below(python, "");
  CHECK(faults_of(store.workspace).empty());  // still being built
  write_plain(document, sealed_text(made));
  CHECK(faults_of(store.workspace).empty());
  fs::remove(python);
  fs::create_symlink("/nowhere/python3", python);
  CHECK(faults_of(store.workspace) ==
        "environments/abc/bin/python: leads to a Python that has gone; a run "
        "that asks for this environment builds it anew\n");
  fs::remove_all(made.folder);
  CHECK(contains(faults_of(store.workspace), "environments/abc/bin/python: missing; "));
  flip(document);
  CHECK(contains(faults_of(store.workspace), "environments/abc.json: "));
}

TEST_CASE("a snapshot that a gc frees while it is looked at is not named", "[upkeep]") {
  const WholeStore store;
  write_plain(store.source / "train.sh", "echo\n");
  const fs::path document =
      store.workspace.snapshot_file(store_snapshot(store.workspace, scan_source(store.source.path())));
  const std::string text = read_plain(document);
  const std::vector<Task> tasks = snapshot_tasks(store.workspace);
  // It is read twice; as pipes it is read when we say so.
  const fs::path second = store.source / "second";
  fs::remove(document);
  REQUIRE(mkfifo(document.c_str(), 0600) == 0);
  REQUIRE(mkfifo(second.c_str(), 0600) == 0);
  std::thread gc([&] {
    const auto bytes = std::as_bytes(std::span(text));
    {
      const Fd first_time = await_reader(document);
      fs::rename(second, document);
      write_all(first_time.get(), bytes, document);
    }
    const Fd second_time = await_reader(document);
    fs::remove(document);
    fs::remove_all(store.workspace.store() / "snapshots" / "content");
    write_all(second_time.get(), bytes, document);
  });
  Findings found(store.workspace);
  tasks.front()(found);
  gc.join();
  CHECK(found.result().faults.empty());
  CHECK_FALSE(fs::exists(document));
}

TEST_CASE("a workspace that is as it was written has no faults, whatever its runs are at", "[upkeep]") {
  const WholeStore store;
  store.register_run(store.completed());
  const RunWriter living = store.start();
  CHECK(faults_of(store.workspace).empty());
  const StoreCheck check = verify_workspace(store.workspace, 1);
  // workspace, experiment, compute, snapshot, model; run.json and events of two, summary of one
  CHECK(check.documents == 10);
  CHECK(check.files == 5);  // one content; output, metrics and log; the model's file
  CHECK(json(check).at("ok") == true);
}

TEST_CASE("every changed file is named", "[upkeep]") {
  const WholeStore store;
  const RunId id = store.completed();
  store.register_run(id);
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(store.workspace.store()))
    if (entry.is_regular_file() && entry.path().extension() != ".lock") files.push_back(entry.path());
  CHECK(files.size() == 13);
  for (const fs::path& file : files) {
    if (file.filename() == "workspace.json") continue;  // no command opens a workspace without
    const std::string content = read_plain(file);
    INFO(file);
    flip(file);
    CHECK(contains(faults_of(store.workspace),
                   file.lexically_relative(store.workspace.store()).string() + ": "));
    write_plain(file, content);
    REQUIRE(faults_of(store.workspace).empty());
  }
}

TEST_CASE("files that were swapped are both named", "[upkeep]") {
  const WholeStore store;
  const RunId one = store.completed("a"), two = store.completed("b");
  const std::string file = GENERATE("run.json", "events.jsonl", "summary.json", "outputs/model.pt");
  swap_files(store.workspace.run_folder(one) / file, store.workspace.run_folder(two) / file);
  const std::string faults = faults_of(store.workspace);
  CHECK(contains(faults, "runs/" + one + "/" + file));
  CHECK(contains(faults, "runs/" + two + "/" + file));
}

TEST_CASE("a whole document of the same run under the name of another is named", "[upkeep]") {
  const WholeStore store;
  const RunPaths run(store.workspace, store.completed());
  const fs::path name = GENERATE("cancel.json", "conditions.json");
  fs::copy_file(run.summary(), run.folder / name, fs::copy_options::overwrite_existing);
  CHECK(contains(faults_of(store.workspace), "/" + name.string() + ": "));
}

TEST_CASE("files that are missing, cut or too many are named", "[upkeep]") {
  const WholeStore store;
  const RunId id = store.completed();
  store.register_run(id);
  const fs::path root = store.workspace.store();
  const RunPaths run(store.workspace, id);
  const auto gone = [&](const fs::path& file) {
    fs::rename(file, store.source / "aside");
    std::string faults = faults_of(store.workspace);
    fs::rename(store.source / "aside", file);
    return faults;
  };
  CHECK(gone(run.summary()) == "runs/" + id + "/summary.json: missing\n");
  CHECK(gone(run.events()) == "runs/" + id + "/events.jsonl: missing\n");
  CHECK(gone(root / "models/m/1/model.json") == "models/m/1/model.json: missing\n");
  CHECK(gone(root / "experiments/birds.json") ==
        "experiments/birds.json: missing: run " + id + " names it\n");
  const std::string hash = store.workspace.snapshots().at(0);
  CHECK(gone(store.workspace.snapshot_file(hash)) ==
        "snapshots/" + hash + ".json: missing: run " + id + " names it\n");
  const std::string content = store.workspace.contents(store.workspace.content_groups().at(0)).at(0);
  CHECK(contains(gone(store.workspace.content_file(content)), "missing: snapshot " + hash + " needs it"));

  write_plain(root / "models/m/1/more", "x");
  CHECK(faults_of(store.workspace) == "models/m/1/more: is not among the recorded files\n");
  fs::remove(root / "models/m/1/more");
  fs::resize_file(run.definition(), 40);
  CHECK(faults_of(store.workspace) == "runs/" + id + "/run.json: carries no hash, or is cut short\n");
}

TEST_CASE("a run that was left without its end is named until somebody has looked at it", "[upkeep]") {
  const WholeStore store;
  RunId id;
  {
    RunWriter writer = store.start();
    id = writer.definition().id;
  }
  CHECK(contains(faults_of(store.workspace), "has no end, though the run's supervisor is gone"));
  read_run(store.workspace, id);
  CHECK(faults_of(store.workspace).empty());
}
