// A real full disk: a small tmpfs in a mount namespace of the submitting process.
#include <sched.h>
#include <sys/mount.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "job/run_fixture.hpp"
#include "support/children.hpp"

namespace amltrain {
namespace {

void map_own_user(uid_t user, gid_t group) {
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
}

/// Mounts a small disk on `folder` for this process and its children. False when the kernel does not let us.
bool mount_small_disk(const std::filesystem::path& folder) {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (unshare(user == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) return false;
  if (user != 0) map_own_user(user, group);
  return mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("none", folder.c_str(), "tmpfs", 0, "size=1m") == 0;
}

std::string outcome_on_small_disk(const std::filesystem::path& folder, const std::string& command) {
  if (!mount_small_disk(folder)) return "no mount";
  const Workspace workspace = Workspace::init(folder, "small").workspace;
  JobDefinition job;
  job.command = command;
  const RunId id = submit(workspace, resolve_job(workspace, job), test::Runs::program());
  FollowOptions options;
  options.timeout = test::kPatience;
  const RunRecord run = wait_for_runs(workspace, {id}, options).at(0);
  const auto events = read_events(RunPaths(workspace, id));
  return std::string(name_of(run.state)) + " " +
         (run.failure ? run.failure->stage + " " + run.failure->category : "") + ", recorded " +
         name_of(events.back().state);
}

}  // namespace

TEST_CASE("a run that fills the disk is no success: its end is an environment failure", "[job]") {
  const test::TemporaryFolder folder;
  test::Child submitter([&](int pipe) {
    std::string outcome;
    try {
      outcome = outcome_on_small_disk(folder.path(), "cat /dev/zero > outputs/fill; exit 0");
    } catch (const Error& problem) {
      outcome = problem.what();
    }
    if (write(pipe, outcome.data(), outcome.size()) < 0) _exit(1);
  });
  const std::string outcome = submitter.message();
  if (outcome == "no mount") {
    WARN("skipped: this kernel lets us mount nothing, not even in a namespace");
    return;
  }
  CHECK(outcome == "Failed Finalizing environment, recorded Failed");
}

}  // namespace amltrain
