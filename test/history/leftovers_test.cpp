#include "history/leftovers.hpp"

#include <catch2/catch.hpp>

#include "support/children.hpp"
#include "support/hash.hpp"

namespace amltrain {
namespace {

constexpr std::chrono::milliseconds kPatience(test::kPatienceMilliseconds);

/// A run that this process supervised.
RunRecord run_of_this_process() {
  RunRecord run;
  run.definition.id = "birds_1_" + random_hex(4);
  run.supervisor = identify_self();
  run.mark = random_hex(8);
  return run;
}

/// Starts `script` with the mark of `run`, and returns the first `count` processes that it names, one a line.
std::vector<pid_t> left_by(const RunRecord& run, const std::string& script, std::size_t count) {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const Fd named(ends[0]), name(ends[1]);
  Command command;
  command.arguments = {"/bin/sh", "-c", "exec >&" + std::to_string(name.get()) + " 2>&1; " + script};
  command.environment = {{kRunMark, run.mark}};
  command.inherited_fds = {name.get()};
  CHECK(wait_for(start_process(command)).ok());
  std::vector<pid_t> pids;
  std::string word;
  for (char byte = 0; pids.size() < count && read(named.get(), &byte, 1) == 1;) {
    if (byte != '\n') {
      word += byte;
      continue;
    }
    pids.push_back(std::stoi(word));
    word.clear();
  }
  return pids;
}

}  // namespace

TEST_CASE("what a lost run left is found and killed, however it was forked", "[history]") {
  const RunRecord run = run_of_this_process();
  const auto [script, count] = GENERATE(table<std::string, std::size_t>({
      {"sleep 1000 & echo $!", 1},
      {"setsid sleep 1000 & echo $!", 1},
      {"( (sleep 1000 & echo $!) & )", 1},
      {"( (setsid sh -c 'trap \"\" TERM HUP; echo $$; while :; do sleep 1; done' & ) & )", 1},
      {"setsid sh -c 'env -i sleep 1000 & echo $!; echo $$; wait' &", 2},  // found by its parent
  }));
  CAPTURE(script);
  const std::vector<pid_t> left = left_by(run, script, count);
  REQUIRE(left.size() == count);
  CHECK(end_leftovers(run, kPatience));
  for (const pid_t pid : left) CHECK_FALSE(identify(pid));
}

TEST_CASE("processes of another run, boot or time are left alone", "[history]") {
  const RunRecord run = run_of_this_process();
  const pid_t pid = left_by(run, "setsid sleep 1000 & echo $!", 1).at(0);
  RunRecord other = run;
  SECTION("another run") { other.mark = random_hex(8); }
  SECTION("a run without a mark") { other.mark.clear(); }
  SECTION("a run that never had a supervisor") { other.supervisor.reset(); }
  SECTION("an earlier boot") { other.supervisor->boot_id = "00000000-0000-0000-0000-000000000000"; }
  SECTION("a supervisor that is younger") { other.supervisor->start_ticks = identify(pid)->start_ticks + 1; }
  CHECK(end_leftovers(other, kPatience));
  CHECK(identify(pid));
  CHECK(end_leftovers(run, kPatience));
  CHECK_FALSE(identify(pid));
}

TEST_CASE("a process knows whether it is within a run by its own mark", "[history]") {
  RunRecord run = run_of_this_process();
  CHECK_FALSE(is_within(run));
  run.mark.clear();
  CHECK_FALSE(is_within(run));
}

}  // namespace amltrain
