#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <thread>

#include "store.hpp"
#include "support/children.hpp"
#include "support/errors.hpp"
#include "support/hash.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

/// A supervisor in a process of its own, with a run that it recorded as `last`.
class Supervisor {
 public:
  Supervisor(const Store& store, State last)
      : child_([&](int pipe) {
          static std::optional<RunWriter> writer;
          writer = store.start();
          for (const State state : {State::queued, State::preparing, State::running}) {
            Event event = Store::event(state);
            event.supervisor = identify_self();
            writer->record(event);
            if (state == last) break;
          }
          if (last == State::cancel_requested) writer->record(Store::event(last));
          const std::string& id = writer->definition().id;
          if (write(pipe, id.data(), id.size()) < 0) _exit(1);
        }),
        id_(child_.message()) {}

  const RunId& id() const { return id_; }
  void kill_now() { child_.kill_now(); }

 private:
  Child child_;
  RunId id_;
};

/// Nothing can be written to files while it lives, as on a full disk.
class FullDisk {
 public:
  FullDisk() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const struct rlimit none { 0, before_.rlim_max };
    setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  struct rlimit before_ {};
  void (*handler_)(int);
};

}  // namespace

TEST_CASE("a run is shown as recorded while its supervisor lives and as failed once that is killed",
          "[history]") {
  const Store store;
  Supervisor supervisor(store, State::running);
  CHECK(read_run(store.workspace, supervisor.id()).state == State::running);
  supervisor.kill_now();
  const RunRecord run = read_run(store.workspace, supervisor.id());
  CHECK(run.state == State::failed);
  CHECK(contains(run.reason, "supervisor process was lost while the run was Running"));
  REQUIRE(run.failure);
  CHECK(run.failure->stage == "Running");
  CHECK(run.ended_at);
  CHECK(exit_code_of(run) == 7);
}

TEST_CASE("the end of a lost run is recorded once, whoever looks first", "[history]") {
  const Store store;
  Supervisor supervisor(store, State::preparing);
  supervisor.kill_now();
  std::vector<std::thread> readers;
  for (int i = 0; i < 6; ++i) readers.emplace_back([&] { list_runs(store.workspace, {}); });
  for (std::thread& reader : readers) reader.join();
  const RunRecord first = read_run(store.workspace, supervisor.id());
  const RunRecord second = read_run(store.workspace, supervisor.id());
  CHECK(first.ended_at == second.ended_at);
  int ends = 0;
  for (const Event& event : read_events(RunPaths(store.workspace, supervisor.id())))
    ends += is_terminal(event.state) ? 1 : 0;
  CHECK(ends == 1);
}

TEST_CASE("a run that was being canceled when its supervisor was killed is canceled", "[history]") {
  const Store store;
  Supervisor supervisor(store, State::cancel_requested);
  supervisor.kill_now();
  const RunRecord run = read_run(store.workspace, supervisor.id());
  CHECK(run.state == State::canceled);
  CHECK_FALSE(run.failure);
}

TEST_CASE("a run of another boot says that the machine was restarted", "[history]") {
  const Store store;
  std::optional<RunWriter> writer = store.start();
  Event queued = Store::event(State::queued);
  queued.supervisor = identify_self();
  queued.supervisor->boot_id = "00000000-0000-0000-0000-000000000000";
  writer->record(queued);
  const RunId id = writer->definition().id;
  writer.reset();
  CHECK(contains(read_run(store.workspace, id).reason, "the machine was restarted"));
}

TEST_CASE("a lost run is shown as failed though nothing can be written", "[history]") {
  const Store store;
  Supervisor supervisor(store, State::running);
  supervisor.kill_now();
  RunRecord run;
  {
    const FullDisk full;
    run = read_run(store.workspace, supervisor.id(), Detail::state);
  }
  CHECK(run.state == State::failed);
  CHECK(read_events(RunPaths(store.workspace, supervisor.id())).back().state == State::running);
}

TEST_CASE("an ended run shows its summary, a lost one what its files tell", "[history]") {
  const Store store;
  RunWriter writer = store.start();
  append_metric(writer.paths().metrics(), {now(), "val_acc", 0.5, {}, {}, 0});
  write_plain(writer.paths().outputs() / "model.pt", "weights");
  const RunId id = writer.definition().id;
  SECTION("while it runs outputs are not final") {
    const RunRecord run = read_run(store.workspace, id);
    CHECK(run.summary.metrics.last.at("val_acc").value == 0.5);
    CHECK(run.summary.outputs.empty());
  }
  SECTION("without a readable summary") {
    write_plain(writer.paths().summary(), "{ damaged");
    writer.record(Store::event(State::failed));
    const RunRecord run = read_run(store.workspace, id);
    CHECK(run.summary.metrics.last.at("val_acc").value == 0.5);
    REQUIRE(run.summary.outputs.size() == 1);
    CHECK(run.summary.outputs[0] == HashedFile{"outputs/model.pt", 7, sha256_of("weights")});
  }
  SECTION("with one") {
    RunSummary summary;
    summary.metrics.last["val_acc"].value = 0.75;
    writer.write_summary(summary);
    writer.record(Store::event(State::failed));
    CHECK(read_run(store.workspace, id).summary.metrics.last.at("val_acc").value == 0.75);
    CHECK(read_run(store.workspace, id, Detail::state).summary.metrics.last.empty());
  }
}

TEST_CASE("a run is found by a prefix that fits no other", "[history]") {
  const Store store;
  const RunId birds = store.finished("birds");
  const RunId ants = store.finished("ants");
  const RunId more = store.finished("ants");
  CHECK(resolve_run(store.workspace, birds) == birds);
  CHECK(resolve_run(store.workspace, "bir") == birds);
  const Error several = error_of([&] { resolve_run(store.workspace, "ants_"); });
  CHECK(several.kind() == category::bad_input);
  CHECK(contains(several.hint(), ants));
  CHECK(contains(several.hint(), more));
  std::string slip = birds;
  std::swap(slip[1], slip[2]);
  const Error unknown = error_of([&] { resolve_run(store.workspace, slip); });
  CHECK(unknown.kind() == category::not_found);
  CHECK(contains(unknown.hint(), "did you mean '" + birds + "'?"));
  CHECK(error_of([&] { resolve_run(store.workspace, ""); }).kind() == category::not_found);
  CHECK(error_of([&] { read_run(store.workspace, "birds_1_00000000"); }).kind() == category::not_found);
}
