#include "job/ranks.hpp"

#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>

#include "history/store.hpp"
#include "job/mpirun.hpp"
#include "job/rank_process.hpp"
#include "job/worker_end.hpp"
#include "support/children.hpp"
#include "support/errors.hpp"
#include "support/sealed.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

/// At `seconds` of the clock that files' times are of; that of each host is wrong.
void write_down(const RunPaths& paths, int rank, ExitStatus status, int seconds) {
  RankEnd end;
  end.rank = rank;
  end.host = "here";
  end.started_at = Time(std::chrono::seconds(1'000'000));
  end.ended_at = end.started_at + std::chrono::seconds(100 - seconds);
  end.status = status;
  const auto file = paths.logs() / ("rank-" + std::to_string(rank) + ".json");
  write_plain(file, sealed_text(end));
  std::filesystem::last_write_time(
      file, std::filesystem::file_time_type::clock::now() + std::chrono::seconds(seconds));
}

}  // namespace

TEST_CASE("the rank to blame is the one that failed first", "[job]") {
  const Store store;
  const RunWriter run = store.start();
  CHECK_FALSE(first_failed_rank(run.paths(), 4, 0));
  write_down(run.paths(), 0, {0, 0}, 1);
  CHECK_FALSE(first_failed_rank(run.paths(), 4, 0));
  write_down(run.paths(), 1, {0, SIGTERM}, 9);  // ended by mpirun, for the sake of the next
  write_down(run.paths(), 2, {3, 0}, 5);
  const auto first = first_failed_rank(run.paths(), 4, 0);  // the fourth had no time to write
  REQUIRE(first);
  CHECK(first->rank == 2);
  CHECK(first->status.code == 3);
  CHECK(first->host == "here");
  forget_rank_ends(run.paths(), 4);
  CHECK_FALSE(first_failed_rank(run.paths(), 4, 0));
}

TEST_CASE("mpirun starts as many processes as all nodes have together", "[job]") {
  JobDefinition job;
  CHECK(world_size(job) == 1);
  job.nodes = 2;
  job.procs_per_node = 3;
  CHECK(world_size(job) == 6);
  Command rank;
  rank.arguments = {"sh", "-c", "a b"};
  const std::vector<std::string> words = mpirun_words(job, {}, "run-1", rank);
  const auto count = std::find(words.begin(), words.end(), "-np");
  REQUIRE(count != words.end());
  CHECK(*(count + 1) == "6");
  CHECK(std::vector<std::string>(words.end() - 4, words.end()) ==
        std::vector<std::string>{"--", "sh", "-c", "a b"});
}

TEST_CASE("a rank that was asked to end is not to blame, however it did", "[job]") {
  const Store store;
  const RunWriter run = store.start();
  RankEnd end;
  end.rank = 0;
  end.status = {0, SIGTERM};
  end.ended_at = now();
  end.asked = true;
  write_rank_end(run.paths(), end);
  CHECK_FALSE(first_failed_rank(run.paths(), 2, 0));
}

TEST_CASE("a run of ranks has succeeded when each came to its end with 0, and nobody asked it to", "[job]") {
  const Store store;
  const RunWriter run = store.start();
  RankEnd end;
  end.host = "here";
  write_rank_end(run.paths(), end);
  const std::vector<int> both{0, 1};
  CHECK_FALSE(have_told(run.paths(), both, 0, false));  // it goes on
  CHECK(have_told(run.paths(), std::vector{1}, 0, false));
  end.ended_at = now();
  write_rank_end(run.paths(), end);
  CHECK(have_told(run.paths(), both, 0, false));
  CHECK_FALSE(have_told(run.paths(), both, 0, true));  // the other did not start
  CHECK_FALSE(have_succeeded(run.paths(), 2, 0));
  end.rank = 1;
  write_rank_end(run.paths(), end);
  CHECK(have_told(run.paths(), both, 0, true));
  CHECK(have_succeeded(run.paths(), 2, 0));
  end.asked = true;
  write_rank_end(run.paths(), end);
  CHECK_FALSE(have_succeeded(run.paths(), 2, 0));
}

TEST_CASE("a rank that ends after its run leaves the run's files as they were recorded", "[job]") {
  const Store store;
  const RunWriter run = store.start();
  RankEnd end;
  write_rank_end(run.paths(), end);
  write_plain(run.paths().summary(), "{}");
  end.ended_at = now();
  write_rank_end(run.paths(), end);
  CHECK_FALSE(have_told(run.paths(), std::vector{0}, 0, false));
}

TEST_CASE("ranks that did not start are named with their hosts", "[job]") {
  const Store store;
  const RunWriter run = store.start();
  JobDefinition job;
  job.nodes = 2;
  ComputeTarget target;
  target.hosts.resize(2);
  target.hosts[1].name = "n2";
  RankEnd begun;
  write_rank_end(run.paths(), begun);
  CHECK_FALSE(first_failed_rank(run.paths(), 2, 0));  // it goes on
  CHECK(describe_absent_ranks(run.paths(), job, target, 0) == "rank 1 did not start on host n2");
  begun.rank = 1;
  write_rank_end(run.paths(), begun);
  CHECK(describe_absent_ranks(run.paths(), job, target, 0).empty());
}

TEST_CASE("what a host that was cut off writes of an earlier start counts for nothing", "[job]") {
  const Store store;
  const RunWriter run = store.start();
  JobDefinition job;
  RankEnd late;
  late.ended_at = now();
  late.status = {7, 0};
  write_rank_end(run.paths(), late);
  CHECK(first_failed_rank(run.paths(), 1, 0));
  CHECK_FALSE(first_failed_rank(run.paths(), 1, 1));
  CHECK(describe_absent_ranks(run.paths(), job, {}, 1) == "rank 0 did not start");
  RankEnd begun;
  begun.restart = 1;
  write_rank_end(run.paths(), begun);
  write_rank_end(run.paths(), late);
  CHECK(describe_absent_ranks(run.paths(), job, {}, 1).empty());
  CHECK_FALSE(first_failed_rank(run.paths(), 1, 0));
}

TEST_CASE("the rank to blame is one of the ranks that went on", "[job]") {
  const Store store;
  const RunWriter run = store.start();
  JobDefinition fewer;
  RankEnd left_out;
  left_out.rank = 1;
  left_out.ended_at = now();
  left_out.status = {7, 0};
  write_rank_end(run.paths(), left_out);
  ChildEnd end{{1, 0}, EndedBy::itself};
  CHECK_FALSE(rank_to_blame(run.paths(), fewer, 1, end));
  RankEnd killed;
  killed.restart = 1;
  killed.ended_at = now();
  killed.status = {0, SIGKILL};
  write_rank_end(run.paths(), killed);
  CHECK(rank_to_blame(run.paths(), fewer, 1, end) == 0);
  CHECK(end.status.signal == SIGKILL);
}

TEST_CASE("a training goes on with any number of nodes, a script with all, unless the job says", "[job]") {
  JobDefinition job;
  job.nodes = 3;
  job.command = "python train.py";
  CHECK(least_nodes(job) == 3);
  job.command = "amltrain train --data x";
  CHECK(least_nodes(job) == 1);
  job.min_nodes = 2;
  CHECK(least_nodes(job) == 2);
}

TEST_CASE("on hosts mpirun gets them in their order, and variables by name alone", "[job]") {
  JobDefinition job;
  job.nodes = 2;
  job.procs_per_node = 3;
  job.environment_variables = {{"TOKEN", "of the supervisor"}};
  ComputeTarget target;
  target.kind = "mpi";
  target.hosts.resize(2);
  target.hosts[0].name = "n1";
  target.hosts[1].name = "n2";
  target.ssh_config = "/etc/lab";
  Command rank;
  rank.arguments = {"sh"};
  rank.environment = {{"WORD", "a value"}};
  rank.working_folder = "/work";
  const std::vector<std::string> words = mpirun_words(job, target, "run-1", rank);
  const auto behind = [&](const std::string& word) {
    const auto found = std::find(words.begin(), words.end(), word);
    return found == words.end() ? "" : *(found + 1);
  };
  CHECK(behind("--host") == "n1:3,n2:3");
  CHECK(behind("-np") == "6");
  CHECK(behind("-wdir") == "/work");
  CHECK(behind("plm_rsh_args").starts_with("-F /etc/lab -o BatchMode=yes"));
  CHECK(std::count(words.begin(), words.end(), "-x") == 2);
  CHECK(std::count(words.begin(), words.end(), "WORD") == 1);
  CHECK(std::count(words.begin(), words.end(), "TOKEN") == 1);
  CHECK(std::none_of(words.begin(), words.end(), [](const std::string& word) {
    return word.find("a value") != std::string::npos || word.find("of the supervisor") != std::string::npos;
  }));
  CHECK(is_started_by_mpirun(JobDefinition(), target));
  CHECK_FALSE(is_started_by_mpirun(JobDefinition(), ComputeTarget()));
}

TEST_CASE("a rank's file that can't be read yet says nothing of mpirun", "[job]") {
  const Store store;
  const RunWriter run = store.start();
  const JobDefinition job;
  const ComputeTarget target;
  write_plain(run.paths().logs() / "rank-0.json", "not yet");
  CHECK(error_of([&] { first_failed_rank(run.paths(), 1, 0); }).kind() == category::bad_input);
  CHECK_FALSE(MpirunDoubt(run.paths(), job, target, 0, getpid()).is_stuck());
}

TEST_CASE("what a killed rank left behind is ended though its end can't be written down", "[job]") {
  const Store store;
  const RunWriter run = store.start();
  const auto logs = run.paths().logs().string(), file = (store.folder / "pid").string();
  for (const char* name : {"RANK", "LOCAL_RANK"})
    setenv((std::string("OMPI_COMM_WORLD_") + name).c_str(), "0", 1);
  for (const char* name : {"SIZE", "LOCAL_SIZE"})
    setenv((std::string("OMPI_COMM_WORLD_") + name).c_str(), "1", 1);
  const std::string leaves = "mv " + logs + " " + logs + ".gone; setsid sh -c 'echo $$ >" + file +
                             ".new; mv " + file + ".new " + file + "; exec sleep 1000' & wait";
  Child rank([&](int) { run_rank(run.paths(), 1, {"sh", "-c", leaves}); });
  while (!std::filesystem::exists(file)) usleep(1000);
  const pid_t left = std::stoi(read_plain(file));
  rank.kill_now();
  CHECK(ends_in_time(left));
  kill(left, SIGKILL);
}

TEST_CASE("a rank that mpirun did not start says so", "[job]") {
  const Store store;
  const RunWriter run = store.start();
  unsetenv("OMPI_COMM_WORLD_RANK");
  CHECK(error_of([&] { run_rank(run.paths(), 1, {"true"}); }).kind() == category::bad_input);
}
