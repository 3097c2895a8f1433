#include "job/queue_wait.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "history/run_store.hpp"
#include "job/queue_view.hpp"
#include "support/errors.hpp"
#include "support/sealed.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;
using namespace std::chrono_literals;

namespace {

/// One run that waits for a slot of a target with a GPU, in this process.
struct Queue {
  TemporaryFolder folder;
  Workspace workspace = Workspace::init(folder.path(), "w").workspace;
  ComputeTarget target;
  JobDefinition job;
  RunWriter run = make_run();
  std::string told;
  std::function<std::optional<BusyGpus>()> ask_driver = [] { return BusyGpus(); };

  Queue() {
    target.name = "local";
    target.max_nodes = 1;
    target = ensure_compute(workspace, target).target;
    target.inventory.gpus = {{0, "Test GPU", 1}};  // on any machine
    publish_file(workspace.compute_file("local"), sealed_text(target));
    job.command = "true";
    job.queue_timeout = 20s;
  }

  RunWriter make_run() const {
    RunDefinition definition;
    definition.experiment = "birds";
    definition.compute = "local";
    definition.job = {{"schema", "amltrain.job/1"}, {"type", "command"}, {"command", "true"}};
    RunWriter made = RunWriter::create(workspace, std::move(definition));
    Event queued;
    queued.state = State::queued;
    made.record(queued);
    return made;
  }

  RunWriter run_that_got_on() const {
    RunWriter made = make_run();
    for (const State state : {State::preparing, State::running}) {
      Event event;
      event.state = state;
      made.record(event);
    }
    return made;
  }

  std::string reason() const {
    RunRecord record = read_run(workspace, run.definition().id, Detail::state);
    explain_queue(workspace, record);
    return record.reason;
  }

  /// `at_sleep` is called each time that the run goes to sleep.
  Slot wait(const std::function<void()>& at_sleep) {
    const RunId& id = run.definition().id;
    QueuePlace place = QueuePlace::take_number(workspace, "local", id, job.priority);
    const auto sleep = [&](std::chrono::milliseconds, int) { at_sleep(); };
    return wait_for_slot(workspace, id, "local", job, place,
                         {sleep, [this](const auto&) { return ask_driver(); },
                          [this](const std::string& why) { told = why; }});
  }
};

}  // namespace

TEST_CASE("a run whose GPUs can't be given away now goes on waiting, and says so", "[job]") {
  Queue queue;
  auto held = FileLock::try_acquire(queue.workspace.lock_file("gpus"));
  REQUIRE(held);
  std::string said;
  const Slot slot = queue.wait([&] {
    said = queue.reason();
    held.reset();
  });
  CHECK(contains(said, "another process holds locks/gpus.lock"));
  CHECK(slot.lease.slots() == std::vector<int>{0});
}

TEST_CASE("a run that can't join the queue now goes on trying", "[job]") {
  Queue queue;
  std::optional<FileLock> held;
  // The lock is needed to take a number too, so it is taken when that is done: while the run waits for
  // another.
  RunWriter other = queue.make_run();
  queue.job.after = {{other.definition().id, true}};
  int sleeps = 0;
  const Slot slot = queue.wait([&] {
    if (++sleeps == 1) {
      held = FileLock::try_acquire(queue.workspace.lock_file("queue-local"));
      Event end;
      end.state = State::canceled;
      other.record(end);
    } else {
      held.reset();
    }
  });
  CHECK(sleeps == 2);
  CHECK(slot.lease.slots() == std::vector<int>{0});
}

TEST_CASE("a slot is not used before all that had it before is over, and the run says what it waits for",
          "[job]") {
  Queue queue;
  const RunId before = queue.run_that_got_on().definition().id;
  // Both its supervisor and its keeper have gone, and something of it still holds its lock.
  auto held = FileLock::try_acquire(RunPaths(queue.workspace, before).lock());
  REQUIRE(held);
  REQUIRE(Lease::try_take(queue.workspace, queue.target, {0}, before));

  SECTION("as soon as it is over") {
    std::string said;
    const Slot slot = queue.wait([&] {
      said = queue.reason();
      held.reset();
    });
    CHECK(said == "has its slot, and waits for the end of what is left of run " + before);
    CHECK(is_terminal(read_run(queue.workspace, before).state));
    CHECK(slot.lease.previous_holders().empty());
  }
  SECTION("nor when its time in the queue is over") {
    queue.job.queue_timeout = 1s;
    const Error problem = error_of([&] { queue.wait([] {}); });
    CHECK(problem.kind() == category::timed_out);
    CHECK(contains(problem.what(), "what is left of run " + before));
  }
}

TEST_CASE("a slot whose last run can't be ended is left alone, and keeps nobody from the others", "[job]") {
  Queue queue;
  const RunId before = queue.run_that_got_on().definition().id;
  auto held = FileLock::try_acquire(RunPaths(queue.workspace, before).lock());
  REQUIRE(held);
  REQUIRE(Lease::try_take(queue.workspace, queue.target, {0}, before));
  const auto doze = [] { std::this_thread::sleep_for(20ms); };

  SECTION("the run takes another slot") {
    queue.target.max_nodes = 2;
    publish_file(queue.workspace.compute_file("local"), sealed_text(queue.target));
    const Slot slot = queue.wait(doze);
    CHECK(slot.lease.slots() == std::vector<int>{1});
  }
  SECTION("where there is none those behind go first, and the run goes on when it is over") {
    std::optional<QueuePlace> behind;
    const Slot slot = queue.wait([&] {
      doze();
      if (queue.told.empty() || !held) return;
      CHECK(contains(queue.told, "what is left of run " + before + " still uses slot 0 of 'local'"));
      behind.emplace(QueuePlace::take_number(queue.workspace, "local", "behind", kUsualPriority));
      behind->enter();
      CHECK(behind->ahead() == 0);
      behind.reset();
      held.reset();
    });
    CHECK(slot.lease.slots() == std::vector<int>{0});
  }
  // Who let it go is none of those who held it.
  const std::string text = read_plain(queue.workspace.lease_folder("local") / "slot-0.lock");
  CHECK(text.starts_with((held ? before : queue.run.definition().id) + "\n"));
}

TEST_CASE("a run that has just got its slot is not told to wait for itself", "[job]") {
  const Queue queue;
  const RunId& id = queue.run.definition().id;
  QueuePlace place = QueuePlace::take_number(queue.workspace, "local", id, kUsualPriority);
  place.enter();
  const auto lease = Lease::try_take(queue.workspace, queue.target, {0}, id);
  REQUIRE(lease);
  CHECK(queue.reason() == "has a slot");
}

TEST_CASE("while the driver of its GPUs gives no answer, a run lets those behind it go first", "[job]") {
  Queue queue;
  bool hangs = true;
  queue.ask_driver = [&] { return hangs ? std::nullopt : std::optional(BusyGpus()); };
  std::optional<QueuePlace> behind;
  int sleeps = 0;
  const Slot slot = queue.wait([&] {
    if (!behind) behind.emplace(QueuePlace::take_number(queue.workspace, "local", "behind", kUsualPriority));
    behind->enter();
    CHECK(behind->ahead() == 0);
    CHECK(contains(queue.told, "waits for an answer of the driver of the GPUs of 'local'"));
    if (++sleeps < 3) return;
    hangs = false;
    behind.reset();
  });
  CHECK(sleeps == 3);
  CHECK(slot.lease.slots() == std::vector<int>{0});
}
