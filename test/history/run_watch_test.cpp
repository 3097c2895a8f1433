#include <catch2/catch.hpp>
#include <chrono>

#include "store.hpp"
#include "support/children.hpp"
#include "support/files.hpp"

using namespace amltrain;
using namespace amltrain::test;
using namespace std::chrono_literals;

namespace {

/// True when the watch woke before its patience was over.
bool wakes(RunWatch& watch) {
  constexpr auto kPatience = 20s;
  const auto start = std::chrono::steady_clock::now();
  watch.wait(kPatience);
  return std::chrono::steady_clock::now() - start < kPatience;
}

}  // namespace

TEST_CASE("a watch wakes for an event, a metric, a log line and a document", "[history]") {
  const Store store;
  RunWriter writer = store.start();
  RunWatch watch(writer.paths());
  SECTION("event") { writer.record(Store::event(State::queued)); }
  SECTION("metric") { append_line(writer.paths().metrics(), "{}"); }
  SECTION("log") { write_plain(writer.paths().worker_log(0), "line\n"); }
  SECTION("document") { writer.write_summary({}); }
  CHECK(wakes(watch));
}

TEST_CASE("a watch that nothing wakes returns when its patience is over", "[history]") {
  const Store store;
  const RunWriter writer = store.start();
  RunWatch watch(writer.paths());
  const auto start = std::chrono::steady_clock::now();
  watch.wait(20ms);
  CHECK(std::chrono::steady_clock::now() - start >= 20ms);
}

TEST_CASE("what woke a watch once does not wake it again", "[history]") {
  const Store store;
  RunWriter writer = store.start();
  RunWatch watch(writer.paths());
  writer.record(Store::event(State::queued));
  REQUIRE(wakes(watch));
  const auto start = std::chrono::steady_clock::now();
  watch.wait(20ms);
  CHECK(std::chrono::steady_clock::now() - start >= 20ms);
}

TEST_CASE("a watch wakes when the supervisor is killed", "[history]") {
  const Store store;
  Child supervisor([&](int pipe) {
    static std::optional<RunWriter> writer;
    writer = store.start();
    const std::string& id = writer->definition().id;
    if (write(pipe, id.data(), id.size()) < 0) _exit(1);
  });
  const RunId id = supervisor.message();
  RunWatch watch(RunPaths(store.workspace, id));
  supervisor.kill_now();
  CHECK(wakes(watch));
  CHECK(read_run(store.workspace, id).state == State::failed);
}
