#include "compute/host_check.hpp"

#include <catch2/catch.hpp>

#include "compute/workspace_fixture.hpp"
#include "support/errors.hpp"
#include "support/stand_ins.hpp"
#include "workspace/making.hpp"

namespace amltrain {
namespace {

using test::contains;
using test::error_of;

const Time kAsked{std::chrono::seconds(1'000'000)};

HostFacts good() {
  HostFacts facts;
  facts.program_sha256 = "build";
  facts.token = "word";
  facts.open_mpi = "mpirun (Open MPI) 4.1.4";
  facts.time = kAsked;
  facts.free_bytes = std::uint64_t{2} << 30;
  return facts;
}

std::string problem_with(const HostFacts& facts) {
  const auto problem = problem_of(facts, {good(), kAsked, kAsked + std::chrono::seconds(1)});
  if (!problem) return "none";
  CHECK_FALSE(problem->hint.empty());
  return problem->what;
}

Host named(const std::string& name, bool here = false) {
  Host host;
  host.name = name;
  host.here = here;
  return host;
}

}  // namespace

TEST_CASE("a host is refused for what a run would fail of, and is told of it", "[compute]") {
  HostFacts facts = good();
  CHECK(problem_with(facts) == "none");
  SECTION("the program") {
    facts.program_sha256 = "another";
    CHECK(contains(problem_with(facts), "another build"));
  }
  SECTION("the workspace") {
    facts.token = "";
    CHECK(contains(problem_with(facts), "does not see this workspace"));
  }
  SECTION("a clock within five seconds of when it can have been read") {
    facts.time = kAsked + std::chrono::seconds(6);
    CHECK(problem_with(facts) == "none");
    facts.time = kAsked - std::chrono::seconds(5);
    CHECK(problem_with(facts) == "none");
    facts.time = kAsked + std::chrono::seconds(7);
    CHECK(contains(problem_with(facts), "early"));
    facts.time = kAsked - std::chrono::minutes(3);
    CHECK(contains(problem_with(facts), "3 min"));
  }
  SECTION("the disk") {
    facts.free_bytes = (std::uint64_t{1} << 30) - 1;
    CHECK(contains(problem_with(facts), "free disk"));
  }
  SECTION("Open MPI") {
    facts.open_mpi = "";
    CHECK(contains(problem_with(facts), "no Open MPI"));
    facts.open_mpi = "mpirun (Open MPI) 5.0.1";
    CHECK(contains(problem_with(facts), "5.0.1"));
  }
}

TEST_CASE("facts of a host come back from their text", "[compute]") {
  HostFacts facts = good();
  facts.address = "10.0.0.2";
  facts.inventory.gpus = {{0, "H100", 80}};
  CHECK(json(parse_host_facts(json(facts))) == json(facts));
}

TEST_CASE("hosts that no ssh reaches make no target, and each is named", "[compute]") {
  const test::TemporaryWorkspace at;
  const std::filesystem::path config = at.folder.path() / "ssh_config";
  test::write_plain(config, "Host *\n  ProxyCommand false\n");
  ComputeTarget wanted = test::wanted_target("lab");
  wanted.kind = "mpi";
  wanted.hosts = {named("a"), named("b")};
  wanted.ssh_config = config.string();
  const Error problem = error_of([&] { ensure_compute(at.workspace, wanted); });
  CHECK(problem.kind() == category::environment);
  CHECK(contains(problem.what(), "host a can't be reached"));
  CHECK(contains(problem.what(), "host b can't be reached"));
  CHECK(list_computes(at.workspace).empty());
}

TEST_CASE("a host that is too busy to answer is asked a second time, one that refuses is not", "[compute]") {
  const test::TemporaryWorkspace at;
  const test::StandIns programs;
  const std::string asked = (programs.folder() / "asked").string();
  const auto fails_once = [&](const std::string& said, Patience patience = Patience::again) {
    std::filesystem::remove(asked);
    programs.add("ssh", "test -e " + asked + " && exit 0\n>" + asked + "\necho '" + said + "' >&2; exit 255");
    return faults_of(at.workspace, {named("a")}, "", patience).at(0);
  };
  CHECK(fails_once("ssh: connect to host a port 22: Connection timed out").empty());
  CHECK_FALSE(fails_once("ssh: connect to host a port 22: Connection timed out", Patience::once).empty());
  CHECK(fails_once("ssh: connect to host a port 22: Connection refused") ==
        "can't be reached: ssh: connect to host a port 22: Connection refused");
}

TEST_CASE("whether hosts can be used is asked while a gc looks", "[compute]") {
  const test::TemporaryWorkspace at;
  const test::StandIns programs;
  programs.add("ssh", "for word; do :; done; eval \"$word\"");
  const FileLock gc = lock_for_gc(at.workspace, std::chrono::seconds(1));
  CHECK(faults_of(at.workspace, {named("a")}, "", Patience::again).at(0).empty());
  std::filesystem::remove(at.workspace.scratch_folder());
  CHECK(contains(faults_of(at.workspace, {named("a")}, "", Patience::again).at(0), "does not see"));
}

TEST_CASE("what is said of a target of hosts must fit its kind", "[compute]") {
  const test::TemporaryWorkspace at;
  ComputeTarget wanted = test::wanted_target("lab");
  SECTION("no host") { wanted.kind = "mpi"; }
  SECTION("hosts of this machine") { wanted.hosts = {named("a")}; }
  SECTION("a choice of GPUs") {
    wanted.kind = "mpi";
    wanted.hosts = {named("a")};
    wanted.gpus = {0};
  }
  SECTION("a path that mpirun would take apart") {
    wanted.kind = "mpi";
    wanted.hosts = {named("a")};
    wanted.ssh_config = (at.folder.path() / "my config").string();
    test::write_plain(wanted.ssh_config, "");
  }
  CHECK(error_of([&] { ensure_compute(at.workspace, wanted); }).kind() == category::bad_input);
}

TEST_CASE("a run's hosts are those of its slots, this machine first", "[compute]") {
  const std::vector<Host> hosts{named("a"), named("b"), named("c", true)};
  CHECK(names_of(hosts_of_slots(hosts, {0, 1})) == "a, b");
  CHECK(names_of(hosts_of_slots(hosts, {1, 2})) == "c, b");
}

}  // namespace amltrain
