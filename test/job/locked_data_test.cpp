// Data with a lock is compared with it before the worker starts.
#include <catch2/catch.hpp>

#include "dataset/lock.hpp"
#include "job/run_fixture.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;
using test::Runs;

/// A folder with one "image" of each class; locking and fingerprinting read no pixels.
fs::path make_data(const fs::path& root) {
  for (const char* path : {"train/a/1.jpg", "train/b/1.jpg", "val/a/1.jpg", "val/b/1.jpg"}) {
    fs::create_directories((root / path).parent_path());
    test::write_plain(root / path, path);
  }
  return root;
}

RunRecord run_on(const Runs& runs, const fs::path& data) {
  JobDefinition job;
  job.command = "echo \"$AMLTRAIN_VERIFIED_LOCK\" > outputs/lock; ls ${{inputs.data}}";
  job.inputs["data"].type = "uri_folder";
  job.inputs["data"].value = data.string();
  return runs.wait(runs.submit_job(job));
}

}  // namespace

TEST_CASE("a run on locked data records the lock's fingerprint, and fails when the data differs", "[job]") {
  const Runs runs;
  const fs::path data = make_data(runs.folder / "data");
  const DataLock lock = lock_data(scan_image_folder(data));
  write_lock(lock, data / kDataLock, Existing::keep);
  const RunRecord good = run_on(runs, data);
  CHECK(good.state == State::completed);
  CHECK(test::read_plain(RunPaths(runs.workspace, good.definition.id).outputs() / "lock") ==
        (data / kDataLock).string() + "\n");
  CHECK(good.definition.data->fingerprint == lock.fingerprint);

  const char* changed = GENERATE("train/A/1.jpg", "longer than before");  // same size, other size
  test::write_plain(data / "train/a/1.jpg", changed);
  const RunRecord bad = run_on(runs, data);
  CHECK(bad.state == State::failed);
  REQUIRE(bad.failure);
  CHECK(bad.failure->stage == "Preparing");
  CHECK(bad.failure->category == "bad_input");
  CHECK(bad.failure->message.find("1 changed (train/a/1.jpg)") != std::string::npos);
  CHECK(bad.summary.outputs.empty());  // the worker never started
}

}  // namespace amltrain
