#include "upkeep/run_archive.hpp"

#include <catch2/catch.hpp>

#include "support/hash.hpp"
#include "support/sealed.hpp"
#include "transfer/tar_writer.hpp"
#include "upkeep/gc.hpp"
#include "upkeep/verify.hpp"
#include "whole_store.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

struct Elsewhere {
  TemporaryFolder folder;
  Workspace workspace = Workspace::init(folder.path(), "other").workspace;

  Error refusal(const fs::path& archive) const {
    Error problem = error_of([&] { import_run(workspace, archive); });
    CHECK(workspace.runs().empty());
    CHECK(entries_in(workspace.scratch_folder()) == 0);
    return problem;
  }
};

/// An archive of these entries, with a list of them that fits.
fs::path archive_of(const fs::path& path, const RunId& run,
                    const std::vector<std::pair<std::string, std::string>>& entries) {
  AtomicFile file(path);
  TarWriter tar(file);
  std::vector<HashedFile> files;
  for (const auto& [name, text] : entries) files.push_back(tar.add_text(text, name));
  tar.add_text(sealed_text({{"schema", "amltrain.run-archive/1"}, {"run", run}, {"files", files}}),
               "export.json");
  tar.finish();
  file.commit();
  return path;
}

}  // namespace

TEST_CASE("a run that was taken in is the one that was exported", "[upkeep]") {
  const WholeStore store;
  const RunId id = store.completed();
  change_notes(RunPaths(store.workspace, id), [](RunNotes& notes) { notes.tags["quality"] = "good"; });
  const ExportedRun exported = export_run(store.workspace, id, store.source / "run.tar");
  CHECK(exported.sha256 == sha256_of_file(exported.path));
  CHECK(exported.files == 10);  // seven of the run, experiment, snapshot and its content

  const Elsewhere other;
  CHECK(exported.differences.empty());
  CHECK(import_run(other.workspace, exported.path).run == id);
  CHECK(json(read_run(other.workspace, id)) == json(read_run(store.workspace, id)));
  CHECK(verify_workspace(other.workspace, 1).faults.empty());
  CHECK(collect_garbage(other.workspace, true).items.empty());
  const Error again = error_of([&] { import_run(other.workspace, exported.path); });
  CHECK(again.kind() == category::conflict);
  CHECK(entries_in(other.workspace.scratch_folder()) == 0);
}

TEST_CASE("an export never replaces a file, and is of ended runs alone", "[upkeep]") {
  const WholeStore store;
  const RunId id = store.completed();
  write_plain(store.source / "run.tar", "mine");
  CHECK(error_of([&] { export_run(store.workspace, id, store.source / "run.tar"); }).kind() ==
        category::conflict);
  CHECK(read_plain(store.source / "run.tar") == "mine");
  const RunWriter living = store.start();
  CHECK(error_of([&] {
          export_run(store.workspace, living.definition().id, store.source / "b.tar");
        }).kind() == category::conflict);
  CHECK_FALSE(fs::exists(store.source / "b.tar"));
}

TEST_CASE("no byte of an archive can change unnoticed", "[upkeep]") {
  const WholeStore store;
  const fs::path archive = export_run(store.workspace, store.completed(), store.source / "run.tar").path;
  const std::string whole = read_plain(archive);
  const Elsewhere other;
  // tar's own padding says nothing: what counts is that no run comes out that differs.
  const RunId id = store.workspace.runs().at(0);
  const std::string record = json(read_run(store.workspace, id)).dump();
  for (std::size_t at = 0; at < whole.size(); at += 97) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    write_plain(archive, changed);
    try {
      import_run(other.workspace, archive);
      REQUIRE(json(read_run(other.workspace, id)).dump() == record);
      REQUIRE(verify_workspace(other.workspace, 1).faults.empty());
      fs::remove_all(other.workspace.run_folder(id));
    } catch (const Error& problem) {
      REQUIRE(problem.kind() == category::bad_input);
    }
    REQUIRE(entries_in(other.workspace.scratch_folder()) == 0);
  }
  for (const std::size_t size : {std::size_t{0}, whole.size() / 3, whole.size() / 2}) {
    write_plain(archive, whole.substr(0, size));
    CHECK(other.refusal(archive).kind() == category::bad_input);
  }
}

TEST_CASE("a run that is not as it was left goes along as it is, and what differs is named", "[upkeep]") {
  const WholeStore store;
  const RunPaths paths(store.workspace, store.completed());
  std::string named;
  SECTION("an output that changed") {
    write_plain(paths.outputs() / "model.pt", "WEIGHTS");
    named = "outputs/model.pt";
  }
  SECTION("an output that has gone") {
    fs::remove(paths.outputs() / "model.pt");
    named = "outputs/model.pt";
  }
  SECTION("an output that came later") {
    write_plain(paths.outputs() / "late.pt", "late");
    named = "outputs/late.pt";
  }
  SECTION("metrics that changed") {
    write_plain(paths.metrics(), "");
    named = "metrics.jsonl";
  }
  SECTION("a summary that has gone") {
    fs::remove(paths.summary());
    named = "summary.json";
  }
  const fs::path archive = store.source / "run.tar";
  const ExportedRun exported = export_run(store.workspace, paths.id(), archive);
  REQUIRE(exported.differences.size() == 1);
  CHECK(contains(exported.differences[0], "'" + named + "'"));
  const Elsewhere other;
  const ImportedRun imported = import_run(other.workspace, archive);
  CHECK(imported.run == paths.id());
  CHECK(imported.differences == exported.differences);
  const StoreCheck check = verify_workspace(other.workspace, 1);
  CHECK(check.faults.size() == 1);
}

TEST_CASE("an archive that does not fit its own list is refused", "[upkeep]") {
  const WholeStore store;
  const Elsewhere other;
  const RunPaths paths(store.workspace, store.completed());
  const fs::path archive = export_run(store.workspace, paths.id(), store.source / "run.tar").path;
  std::string bytes = read_plain(archive);
  const std::size_t weights = bytes.find(read_plain(paths.outputs() / "model.pt"));
  REQUIRE(weights != std::string::npos);
  bytes[weights] = 'W';
  write_plain(archive, bytes);
  const Error problem = other.refusal(archive);
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "'run/" + paths.id() + "/outputs/model.pt' do not fit"));
}

TEST_CASE("archives that mean harm are refused", "[upkeep]") {
  const WholeStore store;
  const Elsewhere other;
  const fs::path path = store.source / "bad.tar";
  const RunId id = store.completed();
  const RunPaths paths(store.workspace, id);
  const std::string prefix = "run/" + id + "/";
  const std::string experiment = read_plain(store.workspace.experiment_file("birds"));
  std::vector<std::pair<std::string, std::string>> entries{
      {prefix + "run.json", read_plain(paths.definition())},
      {prefix + "events.jsonl", read_plain(paths.events())},
      {"experiment.json", experiment}};
  SECTION("without the source that the run names") {
    CHECK(other.refusal(archive_of(path, id, entries)).kind() != category::internal);
  }
  SECTION("of a run whose id leads elsewhere") {
    CHECK(other.refusal(archive_of(path, "../../x", entries)).kind() == category::bad_input);
  }
  SECTION("of another run than it says") {
    CHECK(contains(other.refusal(archive_of(path, "birds_1_00000000", entries)).what(), "has no run"));
  }
  SECTION("of a run that has not ended") {
    const RunWriter living = store.start();
    const std::string own = "run/" + living.definition().id + "/";
    entries = {{own + "run.json", read_plain(living.paths().definition())},
               {own + "events.jsonl", read_plain(living.paths().events())},
               {"experiment.json", experiment}};
    CHECK(contains(other.refusal(archive_of(path, living.definition().id, entries)).what(), "has not ended"));
  }
  SECTION("with a document nested without end") {
    entries[0].second = sealed_text(json::parse("{\"schema\": \"amltrain.run/1\", \"id\": 1}"));
    entries.push_back({prefix + "notes.json", std::string(100'000, '[') + std::string(100'000, ']')});
    CHECK(contains(other.refusal(archive_of(path, id, entries)).what(), "nested too deeply"));
  }
  SECTION("with a list that leaves a file out") {
    AtomicFile file(path);
    TarWriter tar(file);
    tar.add_text("x", "extra");
    tar.add_text(sealed_text({{"schema", "amltrain.run-archive/1"}, {"run", id}, {"files", json::array()}}),
                 "export.json");
    tar.finish();
    file.commit();
    CHECK(contains(other.refusal(path).what(), "'extra' do not fit"));
  }
  SECTION("with none") {
    AtomicFile file(path);
    TarWriter tar(file);
    tar.add_text("x", "file");
    tar.finish();
    file.commit();
    CHECK(contains(other.refusal(path).what(), "no export.json"));
  }
}
