// What a run took, through real runs.
#include <catch2/catch.hpp>
#include <thread>

#include "job/conditions.hpp"
#include "job/resource_sampler.hpp"
#include "job/run_fixture.hpp"
#include "support/children.hpp"
#include "support/hash.hpp"

namespace amltrain {
namespace {

using test::Runs;

ResourceUse use_of(const RunRecord& run) {
  REQUIRE(run.summary.resources);
  return *run.summary.resources;
}

}  // namespace

TEST_CASE("the time on the CPU is that of all processes of a run, however they end", "[job]") {
  const Runs runs;
  // One that is waited for, one that is left behind, and one that ends with a signal; each spins till it has
  // had 0.2 s of the CPU.
  const std::string spin =
      "python3 -c 'import time\nwhile time.process_time() < 0.2: pass\nopen(\"done\", \"a\").write(\"x\")'";
  const RunRecord run = runs.run(spin + "; setsid sh -c '" +
                                 "exec python3 -c \"import time, os\n"
                                 "while time.process_time() < 0.2: pass\n"
                                 "open(\\\"done\\\", \\\"a\\\").write(\\\"x\\\")\n"
                                 "os.kill(os.getpid(), 9)\"' & "
                                 "while [ \"$(cat done 2>/dev/null)\" != xx ]; do sleep 0.02; done");
  REQUIRE(run.state == State::completed);
  CHECK(use_of(run).cpu_seconds >= 0.4);
  CHECK(use_of(run).cpu_seconds < 20);
}

TEST_CASE("the peak of memory is the sum over all processes at a time, but for those before", "[job]") {
  constexpr std::size_t kBytes = std::size_t{64} << 20;
  const auto hold = [](int pipe) {
    static const std::vector<char> memory(kBytes, 'x');
    if (write(pipe, memory.data(), 1) != 1) _exit(1);
  };
  test::Child before(hold);
  before.message();
  ResourceSampler sampler;
  test::Child first(hold), second(hold);
  const auto deadline = std::chrono::steady_clock::now() + test::kPatience;
  while (sampler.seen().peak_memory_bytes.value_or(0) < 2 * kBytes &&
         std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  const ResourceUse use = sampler.seen();
  CHECK(use.peak_memory_bytes >= 2 * kBytes);
  CHECK(use.peak_memory_bytes < 3 * kBytes);
  CHECK(use.peak_processes == 2);
  CHECK(sampler.own_cpu_seconds() > 0);
  CHECK(use.gpus.empty());
}

TEST_CASE("a single process too short to be seen is counted by what the kernel says of it", "[job]") {
  const Runs runs;
  const RunRecord run = runs.run("exec python3 -c 'bytearray(b\"x\") * (96 << 20)'");
  REQUIRE(run.state == State::completed);
  CHECK(use_of(run).peak_memory_bytes.value() >= 96u << 20);
}

TEST_CASE("what restarted workers took is one sum", "[job]") {
  const ResourceUse first{1.5, 100, 3, {{0, 50, 0.25}, {1, 10, 0.5}}};
  const ResourceUse second{2.0, std::nullopt, 4, {{0, 40, 0.75}}};
  const ResourceUse both = together(first, second);
  CHECK(both.cpu_seconds == 3.5);
  CHECK(both.peak_memory_bytes == 100);
  CHECK(both.peak_processes == 4);
  REQUIRE(both.gpus.size() == 2);
  CHECK(both.gpus[0].peak_memory_bytes == 50);
  CHECK(json(parse_resource_use(json(both))) == json(both));
}

TEST_CASE("a run that was canceled tells what it took", "[job]") {
  const Runs runs;
  const RunId id = runs.submit_command("echo up; sleep 1000");
  runs.await_log(id, "up");
  cancel_run(runs.workspace, id, test::kPatience);
  CHECK(runs.wait(id).summary.resources);
}

TEST_CASE("the conditions of a run are on disk before its worker starts", "[job]") {
  const Runs runs;
  runs.add_compute("two-threads", 1, 2);
  JobDefinition job;
  job.compute = "two-threads";
  job.command = "cp conditions.json outputs/; echo ${{inputs.word}}";
  job.inputs["word"] = {"literal", "hello there"};
  job.environment_variables = {{"PYTHONHASHSEED", "7"}, {"OTHER", "secret"}};
  const RunRecord run = runs.wait(runs.submit_job(job));
  REQUIRE(run.state == State::completed);
  const json conditions = run.conditions;
  CHECK(conditions["command"] == "cp conditions.json outputs/; echo 'hello there'");
  CHECK(conditions["seed"].is_null());
  CHECK(conditions["threads"] == 2);
  CHECK(conditions["variables"]["OMP_NUM_THREADS"] == "2");
  CHECK(conditions["variables"]["PYTHONHASHSEED"] == "7");
  CHECK_FALSE(conditions["variables"].contains("OTHER"));
  CHECK(conditions["machine"]["cores"].get<int>() >= 1);
  CHECK_FALSE(conditions["machine"]["kernel"].is_null());
  CHECK(conditions["software"]["program_sha256"] == sha256_of_file(Runs::program()));
  CHECK(conditions["software"]["torch"].is_null());
}

TEST_CASE("the built-in trainer's seed is a condition, its default too", "[job]") {
  const auto seed = [](const std::string& command) {
    JobDefinition job;
    job.command = command;
    return take_conditions(job, {}, command, {}, {}).seed;
  };
  CHECK(seed("amltrain train --data x") == kDefaultSeed);
  CHECK(seed("amltrain train --data x --seed 7") == 7);
  CHECK(seed("amltrain train --seed=8 --data x") == 8);
  CHECK_FALSE(seed("python3 train.py --seed 7"));
}

}  // namespace amltrain
