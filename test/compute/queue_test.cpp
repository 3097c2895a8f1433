#include "compute/queue.hpp"

#include <poll.h>

#include <catch2/catch.hpp>
#include <memory>

#include "compute/lease.hpp"
#include "compute/workspace_fixture.hpp"
#include "support/children.hpp"

namespace amltrain {
namespace {

using test::TemporaryWorkspace;

QueuePlace join(const Workspace& workspace, const std::string& run, int priority = 50,
                const std::string& compute = "c") {
  QueuePlace place = QueuePlace::take_number(workspace, compute, run, priority);
  place.enter();
  return place;
}

using Runs = std::vector<std::string>;

Runs runs_in_line(const Workspace& workspace) {
  Runs runs;
  for (const QueuedRun& queued : queued_runs(workspace, "c")) runs.push_back(queued.run);
  return runs;
}

}  // namespace

TEST_CASE("who comes later waits behind who came before", "[compute]") {
  const TemporaryWorkspace at;
  auto first = std::make_unique<QueuePlace>(join(at.workspace, "a"));
  QueuePlace second = join(at.workspace, "b");
  QueuePlace third = join(at.workspace, "c");
  CHECK(first->ahead() == 0);
  CHECK(second.ahead() > 0);
  CHECK(runs_in_line(at.workspace) == Runs{"a", "b", "c"});
  first.reset();
  CHECK(second.ahead() == 0);
  CHECK(third.ahead() == 1);
  CHECK(join(at.workspace, "d", 50, "other").ahead() == 0);
}

TEST_CASE("a higher priority goes before those that came earlier, and behind its own kind", "[compute]") {
  const TemporaryWorkspace at;
  QueuePlace low = join(at.workspace, "low", 9);
  QueuePlace usual = join(at.workspace, "usual", 50);
  QueuePlace high = join(at.workspace, "high", 100);
  QueuePlace higher = join(at.workspace, "second high", 100);
  CHECK(runs_in_line(at.workspace) == Runs{"high", "second high", "usual", "low"});
  CHECK(high.ahead() == 0);
  CHECK(higher.ahead() > 0);
  CHECK(low.ahead() > 0);
}

TEST_CASE("who has a number keeps nobody waiting until it enters, and then is where its number says",
          "[compute]") {
  const TemporaryWorkspace at;
  QueuePlace early = QueuePlace::take_number(at.workspace, "c", "early", 50);
  QueuePlace late = join(at.workspace, "late");
  CHECK(late.ahead() == 0);
  CHECK(runs_in_line(at.workspace) == Runs{"late"});
  early.enter();
  CHECK(early.ahead() == 0);
  CHECK(late.ahead() > 0);
}

TEST_CASE("what a run waits for can be read in its place, the last word of it", "[compute]") {
  const TemporaryWorkspace at;
  QueuePlace first = join(at.workspace, "a"), second = join(at.workspace, "b");
  first.note("a long reason that the next one does not quite cover");
  first.note("GPU 0 is busy");
  const auto queued = queued_runs(at.workspace, "c");
  REQUIRE(queued.size() == 2);
  CHECK((queued[0].run == "a" && queued[0].note == "GPU 0 is busy"));
  CHECK((queued[1].run == "b" && queued[1].note.empty()));
  first.note("");
  CHECK(queued_runs(at.workspace, "c")[0].note.empty());
}

TEST_CASE("a killed run keeps nobody waiting and its place is cleared away", "[compute]") {
  const TemporaryWorkspace at;
  test::Child killed([&](int) { static QueuePlace place = join(at.workspace, "killed"); });
  killed.message();
  QueuePlace place = join(at.workspace, "next");
  CHECK(place.ahead() > 0);
  killed.kill_now();
  CHECK(place.ahead() == 0);
  CHECK(runs_in_line(at.workspace) == Runs{"next"});
  { QueuePlace clears = join(at.workspace, "last"); }
  CHECK(test::entries_in(at.workspace.lease_folder("c")) == 2);  // the number and the place of the one
}

TEST_CASE("a place outlives its being moved", "[compute]") {
  const TemporaryWorkspace at;
  QueuePlace first = join(at.workspace, "a");
  QueuePlace moved(std::move(first));
  CHECK(moved.ahead() == 0);
  CHECK(join(at.workspace, "b").ahead() > 0);
}

TEST_CASE("those who wait are woken by a freed place, a freed slot, and a holder's death", "[compute]") {
  const TemporaryWorkspace at;
  const ComputeTarget target = ensure_compute(at.workspace, test::wanted_target("c", 1)).target;
  auto place = std::make_unique<QueuePlace>(join(at.workspace, "a"));
  test::Child holder([&](int pipe) {
    static std::optional<Lease> held;  // until the kill
    held = Lease::try_take(at.workspace, target, {0}, "a");
    if (write(pipe, "y", 1) != 1) _exit(1);
  });
  REQUIRE(holder.message() == "y");
  CHECK(slot_holders(at.workspace, target).at(0).run == "a");
  QueueWatch watch(at.workspace, "c");
  const auto is_woken = [&](int milliseconds) {
    pollfd event{watch.fd(), POLLIN, 0};
    const bool woken = poll(&event, 1, milliseconds) == 1;
    watch.drain();
    return woken;
  };
  CHECK_FALSE(Lease::try_take(at.workspace, target, {0}, "b"));
  CHECK_FALSE(is_woken(0));  // looking in vain is no event
  holder.kill_now();
  CHECK(is_woken(30'000));
  place.reset();
  CHECK(is_woken(30'000));
}

}  // namespace amltrain
