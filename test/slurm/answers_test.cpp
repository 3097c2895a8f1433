#include "slurm/answers.hpp"

#include <catch2/catch.hpp>

using namespace amltrain;

TEST_CASE("jobs are read from squeue's lines, and what a site prints besides is passed over", "[slurm]") {
  const auto jobs = parse_queue(
      "squeue: welcome to the lab\n12|PENDING|Resources||birds_1_aa|/w/runs/birds_1_aa\n"
      "13|RUNNING|None|n[1-2]|birds_2_bb|/w|x/runs/birds_2_bb\n|RUNNING|None|n1|x|/x\n");
  REQUIRE(jobs.size() == 2);
  CHECK(jobs[0].id == "12");
  CHECK(jobs[0].state == "PENDING");
  CHECK(jobs[0].reason == "Resources");
  CHECK(jobs[0].nodes.empty());
  CHECK(jobs[1].name == "birds_2_bb");
  CHECK(jobs[1].folder == "/w|x/runs/birds_2_bb");
  CHECK(jobs[1].reason.empty());
  CHECK(jobs[1].nodes == "n[1-2]");
  CHECK(parse_queue("").empty());
}

TEST_CASE("every state of Slurm has a phase, and an unknown one ends nothing", "[slurm]") {
  const auto phase = [](const char* state) { return SlurmJob{"1", "", state, "", ""}.phase(); };
  for (const char* state : {"PENDING", "REQUEUED", "REQUEUE_HOLD", "SPECIAL_EXIT"})
    CHECK(phase(state) == SlurmPhase::pending);
  for (const char* state :
       {"RUNNING", "COMPLETING", "CONFIGURING", "SUSPENDED", "STOPPED", "STAGE_OUT", "NEW"})
    CHECK(phase(state) == SlurmPhase::active);
  for (const char* state : {"COMPLETED", "FAILED", "TIMEOUT", "NODE_FAIL", "PREEMPTED", "OUT_OF_MEMORY",
                            "CANCELLED", "DEADLINE", "BOOT_FAIL"})
    CHECK(phase(state) == SlurmPhase::ended);
}

TEST_CASE("a run's job is that of its id, or the newest of its name", "[slurm]") {
  const std::vector<SlurmJob> jobs{{"9", "a", "CANCELLED", "", "", "/runs/a"},
                                   {"10", "a", "RUNNING", "", "", "/runs/a"},
                                   {"11", "b", "PENDING", "", "", "/runs/b"},
                                   {"12", "a", "RUNNING", "", "", "/home/other"}};
  CHECK(job_of(jobs, "a", "")->id == "10");
  CHECK(job_of(jobs, "a", "9")->id == "9");
  CHECK_FALSE(job_of(jobs, "a", "11"));
  CHECK_FALSE(job_of(jobs, "c", ""));
}

TEST_CASE("a job that was suspended to make way, and goes on, is not to make way", "[slurm]") {
  const auto preempted = [](const char* times) {
    return parse_job_report(std::string("JobId=1 JobState=RUNNING Restarts=0 ") + times)->preempted;
  };
  CHECK(preempted("PreemptTime=1700000000 SuspendTime=None"));
  CHECK(preempted("PreemptTime=1700000000 SuspendTime=1699999999"));
  CHECK_FALSE(preempted("PreemptTime=1700000000 SuspendTime=1700000009"));
}

TEST_CASE("a job's report tells its state, its limit and whether it is to make way", "[slurm]") {
  const auto times = parse_job_report(
      "JobId=12 JobName=x Nice=0 JobState=RUNNING Reason=None Requeue=1 Restarts=2 TimeLimit=00:01:00 "
      "StartTime=1700000000 EndTime=1700000060 Deadline=N/A PreemptEligibleTime=1700000000 "
      "PreemptTime=None\n");
  REQUIRE(times);
  CHECK(times->state == "RUNNING");
  CHECK(times->restarts == 2);
  CHECK(times->limit == 1700000060);
  CHECK(times->started == 1700000000);
  CHECK_FALSE(times->preempted);
  const auto going =
      parse_job_report("JobId=12 JobState=RUNNING EndTime=Unknown PreemptTime=1700000001 Power=");
  REQUIRE(going);
  CHECK(going->preempted);
  CHECK_FALSE(going->limit);
  CHECK_FALSE(parse_job_report("slurm_load_jobs error: Invalid job id specified"));
}

TEST_CASE("counts of CPUs a node are read as Slurm shortens them", "[slurm]") {
  CHECK(parse_counts("2(x3),4") == std::vector<int>{2, 2, 2, 4});
  CHECK(parse_counts("16") == std::vector<int>{16});
  for (const char* text : {"", "x", "2(x", "2(x3", "2(x0)", "2(x9999999)", "2,", "-"}) {
    CAPTURE(text);
    CHECK(parse_counts(text).empty());
  }
}

TEST_CASE("the id of what was submitted is found below what a site prints", "[slurm]") {
  CHECK(parse_submitted("12\n") == "12");
  CHECK(parse_submitted("sbatch: charged to birds\n12;lab\n") == "12");
  CHECK(parse_submitted("sbatch: error: no\n").empty());
}
