#include "job/input_watch.hpp"

#include <functional>

#include "job/run_fixture.hpp"
#include "support/errors.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;
using test::write_plain;

struct Given {
  test::Runs runs;
  fs::path data = runs.folder / "data";
  JobDefinition job;

  Given() {
    fs::create_directories(data / "sub");
    write_plain(data / "a.txt", "a");
    write_plain(data / "sub/b.txt", "b");
    job.inputs["d"] = {"uri_folder", data.string()};
    job.inputs["literal"] = {"literal", "3"};
  }
  std::string after(const std::function<void()>& change) const {
    const InputMarks before = mark_inputs(runs.workspace, job);
    change();
    return describe_changed(before, mark_inputs(runs.workspace, job));
  }
  RunRecord run(const std::string& command) {
    job.command = command;
    return runs.wait(runs.submit_job(job));
  }
};

constexpr const char* kChanged = "input 'd' was changed while the run had it";

}  // namespace

TEST_CASE("an input is changed by what is written, added, removed or replaced in it", "[job]") {
  const Given given;
  const fs::path &data = given.data, &b = data / "sub/b.txt";
  CHECK(given.after([&] { write_plain(b, "more"); }) == kChanged);
  CHECK(given.after([&] { write_plain(data / "sub/c.txt", ""); }) == kChanged);
  CHECK(given.after([&] { fs::remove(data / "sub/c.txt"); }) == kChanged);
  CHECK(given.after([&] { fs::rename(b, data / "sub/d.txt"); }) == kChanged);
  CHECK(given.after([&] { fs::last_write_time(data / "a.txt", fs::file_time_type::min()); }) == kChanged);
  CHECK(given.after([&] { fs::remove_all(data); }) == kChanged);
}

TEST_CASE("an input is not changed by being read, nor by what comes and goes in it", "[job]") {
  const Given given;
  CHECK(given.after([&] { test::read_plain(given.data / "a.txt"); }).empty());
  const auto come_and_go = [&] {
    write_plain(given.data / "temporary", "");
    fs::remove(given.data / "temporary");
  };
  CHECK(given.after(come_and_go).empty());
}

TEST_CASE("a copy is the run's own, and so is the store within an input", "[job]") {
  Given given;
  given.job.inputs["d"].mode = "download";
  CHECK(mark_inputs(given.runs.workspace, given.job).empty());
  given.job.inputs["d"] = {"uri_folder", given.runs.folder.path().string()};
  CHECK(given.after([&] { write_plain(given.runs.workspace.store() / "new", ""); }).empty());
  CHECK(given.after([&] { write_plain(given.data / "new", ""); }) == kChanged);
}

TEST_CASE("a folder of many files is not watched", "[job]") {
  const Given given;
  for (int i = 0; i < 10'000; ++i) write_plain(given.data / std::to_string(i), "");
  CHECK(mark_inputs(given.runs.workspace, given.job).empty());
}

TEST_CASE("a run says that what it was given to read was changed", "[job]") {
  Given given;
  CHECK(given.run("cat ${{inputs.d}}/a.txt").reason.empty());
  const RunRecord changed = given.run("echo more >> ${{inputs.d}}/a.txt");
  CHECK(changed.state == State::completed);
  CHECK(changed.reason == kChanged);
  const RunRecord failed = given.run("rm ${{inputs.d}}/a.txt; exit 3");
  REQUIRE(failed.failure);
  CHECK(failed.reason == "the worker ended with exit code 3");
  CHECK(test::contains(failed.failure->hint, kChanged));
}

}  // namespace amltrain
