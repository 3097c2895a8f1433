#include "job/failure.hpp"

#include <catch2/catch.hpp>
#include <csignal>

#include "support/temporary_folder.hpp"

namespace amltrain {
namespace {

Failure failure_of(ExitStatus status, const std::string& log, bool is_amltrain = false,
                   const std::string& memory_evidence = "") {
  const auto failure = explain_end({status, EndedBy::itself}, log, is_amltrain, {}, memory_evidence);
  REQUIRE(failure);
  CHECK(failure->stage == "Running");
  return *failure;
}

}  // namespace

TEST_CASE("a worker that succeeded has no failure", "[job]") {
  CHECK_FALSE(explain_end({{0, 0}, EndedBy::itself}, "amltrain: a warning\n", true, {}, ""));
}

TEST_CASE("what amltrain said is the message, and its code the category", "[job]") {
  const std::string log =
      "epoch 1\namltrain: no data at /x\n          fetch it first\n          or give a path\n";
  const Failure failure = failure_of({3, 0}, log, true);
  CHECK(failure.category == "not_found");
  CHECK(failure.message == "no data at /x");
  CHECK(failure.hint == "fetch it first or give a path");
  CHECK(failure.code == 3);
  CHECK_FALSE(failure.signal);
}

TEST_CASE("exit codes of the contract are categories", "[job]") {
  const auto [code, name] = GENERATE(table<int, std::string>({{1, "run_failed"},
                                                              {2, "bad_input"},
                                                              {3, "not_found"},
                                                              {6, "conflict"},
                                                              {7, "environment"},
                                                              {70, "internal"},
                                                              {4, "run_failed"},
                                                              {5, "run_failed"},
                                                              {99, "run_failed"}}));
  CHECK(failure_of({code, 0}, "", true).category == name);
  CHECK(failure_of({code, 0}, "amltrain: x\n", false).category == name);  // a script that passes the code on
  CHECK(failure_of({code, 0}, "Traceback\n", false).category == "run_failed");
}

TEST_CASE("of another program the last five lines are the message", "[job]") {
  const Failure failure = failure_of({7, 0}, "1\n2\n3\n\n4\n  5\n6\n");
  CHECK(failure.message == "the worker ended with exit code 7\n2\n3\n4\n  5\n6");
}

TEST_CASE("a signal is told with its likely cause", "[job]") {
  const Failure killed = failure_of({0, SIGKILL}, "amltrain: earlier words\n", true);
  CHECK(killed.signal == SIGKILL);
  CHECK_FALSE(killed.code);
  CHECK(killed.category == "run_failed");
  CHECK(killed.message == "the worker ended with signal 9 (SIGKILL)\nearlier words");
  CHECK(killed.hint.find("memory") != std::string::npos);
}

TEST_CASE("a kill with evidence that memory ran out is a fault of the machine", "[job]") {
  for (const ExitStatus status : {ExitStatus{0, SIGKILL}, ExitStatus{128 + SIGKILL, 0}}) {
    const Failure failure = failure_of(status, "epoch 1\n", false, "the kernel killed process 7");
    CHECK(failure.category == "environment");
    CHECK(failure.cause == "out_of_memory");
    CHECK(failure.message ==
          "the worker ended with " + describe(status) + ": the kernel killed process 7\nepoch 1");
  }
  CHECK(failure_of({0, SIGTERM}, "", false, "the kernel killed process 7").cause == "signal");
}

TEST_CASE("a failure has its likely cause and the last lines of the log", "[job]") {
  std::string log;
  for (int line = 1; line <= 30; ++line) log += std::to_string(line) + "\n";
  const Failure failure = failure_of({1, 0}, log + "OSError: [Errno 28] No space left on device\n");
  CHECK(failure.cause == "disk_full");
  CHECK(failure.hint.find("room") != std::string::npos);
  REQUIRE(failure.log.size() == 20);
  CHECK(failure.log.front() == "12");
  CHECK(failure.log.back() == "OSError: [Errno 28] No space left on device");
  CHECK(failure_of({1, 0}, "").log.empty());
  CHECK(failure_of({1, 0}, std::string(5000, 'x') + "\nshort\n").log == std::vector<std::string>{"short"});
}

TEST_CASE("a stage that ends with an error has the error's words and cause", "[job]") {
  const Failure failure = amltrain::failure_of(
      State::finalizing, Error(category::environment, "cannot write x: No space left on device"));
  CHECK(failure.stage == "Finalizing");
  CHECK(failure.cause == "disk_full");
  CHECK(failure.category == "environment");
  CHECK_FALSE(failure.hint.empty());
}

TEST_CASE("the time limit is the cause even when the worker ended well on its signal", "[job]") {
  const auto failure = explain_end({{0, 0}, EndedBy::time_limit}, "", false, std::chrono::seconds(60), "");
  REQUIRE(failure);
  CHECK(failure->category == "timed_out");
}

TEST_CASE("mpirun's end is called that, and says nothing where something else is to blame", "[job]") {
  auto failure = explain_end({{0, SIGKILL}, EndedBy::itself}, "", false, {}, "", std::nullopt);
  REQUIRE(failure);
  CHECK(failure->message == "mpirun ended with signal 9 (SIGKILL)");
  CHECK(failure->signal == SIGKILL);
  Failure stopped = *failure;
  explain_stopped_mpirun(stopped);
  CHECK(stopped.category == "environment");
  CHECK_FALSE(stopped.signal);
  explain_host_fault(*failure, "host n2 can't be reached");
  CHECK(failure->category == "environment");
  CHECK_FALSE(failure->signal);
  auto of_rank = explain_end({{4, 0}, EndedBy::itself}, "", false, {}, "", 1);
  REQUIRE(of_rank);
  explain_host_fault(*of_rank, "host n2 can't be reached");
  CHECK(of_rank->code == 4);
}

TEST_CASE("of several ranks the one that failed is named once", "[job]") {
  Failure exited = failure_of({3, 0}, "no data");
  name_rank(exited, 1);
  CHECK(exited.message == "rank 1 ended with exit code 3\nno data");
  Failure told = failure_of({3, 0}, "amltrain: no data at /x", true);
  name_rank(told, 1);
  CHECK(told.message == "rank 1: no data at /x");
  Failure misses = failure_of({6, 0}, "amltrain: rank 0 is gone", true);
  name_rank(misses, 1);
  CHECK(misses.message == "rank 0 is gone");
}

TEST_CASE("a log's tail is its last 64 KiB in whole lines and valid UTF-8", "[job]") {
  const test::TemporaryFolder folder;
  CHECK(read_log_tail(folder / "absent").empty());
  test::write_plain(folder / "log", std::string(70'000, 'x') + "\nlast \xFF line\n");
  CHECK(read_log_tail(folder / "log") == "last \xEF\xBF\xBD line\n");
  test::write_plain(folder / "log", std::string(70'000, 'x'));
  CHECK(read_log_tail(folder / "log").size() == 65'536);
}

TEST_CASE("a progress line is what a terminal shows of it", "[job]") {
  CHECK(failure_of({1, 0}, "1%\r50%\r99%\r\ndone\n").message ==
        "the worker ended with exit code 1\n99%\ndone");
}

}  // namespace amltrain
