#include "job/run_hosts.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "compute/queue.hpp"
#include "support/sealed.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

/// Four hosts, the first two of them a run's with two ranks on each.
struct Lab {
  TemporaryFolder folder;
  Workspace workspace = Workspace::init(folder.path(), "w").workspace;
  ComputeTarget target = make_target();
  JobDefinition job = make_job();
  std::optional<Lease> lease = Lease::try_take(workspace, target, {0, 1}, "run");
  std::set<std::string> down, asked;
  RunHosts hosts{workspace, "run", job, target, {0, 1}};

  ComputeTarget make_target() const {
    ComputeTarget made;
    made.name = "lab";
    made.kind = "mpi";
    made.max_nodes = 4;
    for (const char* name : {"n1", "n2", "n3", "n4"}) {
      Host& host = made.hosts.emplace_back();
      host.name = name;
      host.slots = 2;
    }
    publish_file(workspace.compute_file("lab"), sealed_text(made));
    return made;
  }
  static JobDefinition make_job() {
    JobDefinition made;
    made.command = "amltrain train --data x";
    made.nodes = made.procs_per_node = 2;
    return made;
  }

  RunHosts::GoingOn go_on() { return go_on(hosts); }
  RunHosts::GoingOn go_on(RunHosts& on) {
    return on.go_on([&](const std::vector<Host>& some) { return faults_of(some); });
  }
  HostFaults faults_of(const std::vector<Host>& some) {
    std::vector<std::string> faults;
    for (const Host& host : some) {
      asked.insert(host.name);
      faults.emplace_back(down.contains(host.name) ? "can't be reached" : "");
    }
    return faults;
  }
  void occupy(const std::vector<int>& slots) { other = Lease::try_take(workspace, target, slots, "other"); }
  std::optional<Lease> other;
};

}  // namespace

TEST_CASE("a run whose hosts are all there starts again on them", "[job]") {
  Lab lab;
  const auto going = lab.go_on();
  CHECK(names_of(going.start.target.hosts) == "n1, n2");
  CHECK(going.start.job.nodes == 2);
  CHECK(going.words.empty());
  CHECK(lab.asked == std::set<std::string>{"n1", "n2"});
}

TEST_CASE("without a free host the ranks go on on fewer, and on all when they are back", "[job]") {
  Lab lab;
  lab.occupy({2, 3});
  lab.down = {"n1"};
  const auto fewer = lab.go_on();
  CHECK(names_of(fewer.start.target.hosts) == "n2");
  CHECK(fewer.start.job.nodes == 1);
  CHECK(fewer.words == "goes on with 2 of 4 ranks, on host n2, without n1");
  lab.down.clear();
  const auto all = lab.go_on();
  CHECK(all.start.job.nodes == 2);
  CHECK(all.words == "goes on with 4 of 4 ranks, on hosts n1, n2");
  CHECK(lab.go_on().words.empty());
}

TEST_CASE("a free host that can be reached takes the place of one that is gone, and stays the run's",
          "[job]") {
  Lab lab;
  lab.down = {"n2", "n3"};
  const auto going = lab.go_on();
  CHECK(names_of(going.start.target.hosts) == "n1, n4");
  CHECK(going.words == "goes on with 4 of 4 ranks, on hosts n1, n4, without n2");
  CHECK(going.locks.size() == 1);
  CHECK(free_slots(lab.workspace, lab.target) == std::vector<int>{2});
  const auto again = lab.go_on();
  CHECK(names_of(again.start.target.hosts) == "n1, n4");
  CHECK(again.words.empty());
}

TEST_CASE("a free host that another run takes meanwhile is done without", "[job]") {
  Lab lab;
  lab.down = {"n2"};
  const auto going = lab.hosts.go_on([&](const std::vector<Host>& some) {
    if (some.front().name == "n3") lab.occupy({2});
    return lab.faults_of(some);
  });
  CHECK(names_of(going.start.target.hosts) == "n1");
  CHECK(going.locks.empty());
  CHECK(free_slots(lab.workspace, lab.target) == std::vector<int>{3});
}

TEST_CASE("a training takes only a host that computes as its own do, a script any", "[job]") {
  Lab lab;
  for (Host& host : lab.target.hosts) host.inventory.instruction_sets = {"avx2"};
  lab.target.hosts[2].inventory.gpus.resize(1);
  lab.target.hosts[3].inventory.instruction_sets = {"avx2", "amx_bf16"};
  lab.down = {"n2"};
  RunHosts training(lab.workspace, "run", lab.job, lab.target, {0, 1});
  CHECK(names_of(lab.go_on(training).start.target.hosts) == "n1");
  CHECK(lab.asked == std::set<std::string>{"n1", "n2"});
  lab.job.command = "python train.py";
  RunHosts script(lab.workspace, "run", lab.job, lab.target, {0, 1});
  CHECK(names_of(lab.go_on(script).start.target.hosts) == "n1, n3");
}

TEST_CASE("a run whose hosts can't be asked keeps those that it had, and takes no other", "[job]") {
  Lab lab;
  lab.occupy({2, 3});
  lab.down = {"n1"};
  lab.go_on();
  lab.other.reset();
  const auto unasked = lab.hosts.go_on([](const std::vector<Host>&) { return std::nullopt; });
  CHECK(names_of(unasked.start.target.hosts) == "n2");
  CHECK(unasked.start.job.nodes == 1);
  CHECK(unasked.words == "its hosts could not be asked: it tries them again");
  CHECK(unasked.locks.empty());
  CHECK(free_slots(lab.workspace, lab.target) == std::vector<int>{2, 3});
}

TEST_CASE("a free host is for the run that waits for it", "[job]") {
  Lab lab;
  QueuePlace place = QueuePlace::take_number(lab.workspace, "lab", "waiting", 50);
  place.enter();
  lab.down = {"n2"};
  CHECK(names_of(lab.go_on().start.target.hosts) == "n1");
}

TEST_CASE("a job that needs all its nodes does not go on with fewer", "[job]") {
  Lab lab;
  lab.occupy({2, 3});
  lab.job.min_nodes = 2;
  RunHosts hosts(lab.workspace, "run", lab.job, lab.target, {0, 1});
  lab.down = {"n2"};
  const auto going = lab.go_on(hosts);
  CHECK(names_of(going.start.target.hosts) == "n1, n2");
  CHECK(going.start.job.nodes == 2);
  CHECK(going.words == "1 host can be reached, and it needs 2: it tries again");
}

TEST_CASE("fewer ranks have the threads, and make the steps, of all", "[job]") {
  Lab lab;
  std::map<std::string, std::string> first{{"OMP_NUM_THREADS", "4"}}, later{{"OMP_NUM_THREADS", "8"}};
  lab.hosts.keep_result(first, lab.job);
  CHECK_FALSE(first.contains("AMLTRAIN_BEGUN_WITH"));
  JobDefinition fewer = lab.job;
  fewer.nodes = 1;
  lab.hosts.keep_result(later, fewer);
  CHECK(later.at("OMP_NUM_THREADS") == "4");
  CHECK(later.at("AMLTRAIN_BEGUN_WITH") == "4");
}
