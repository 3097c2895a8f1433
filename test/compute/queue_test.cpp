#include "compute/queue.hpp"

#include <catch2/catch.hpp>
#include <memory>

#include "compute/workspace_fixture.hpp"
#include "support/children.hpp"

namespace amltrain {
namespace {

using test::TemporaryWorkspace;

}  // namespace

TEST_CASE("who comes later waits behind who came before", "[compute]") {
  const TemporaryWorkspace at;
  auto first = std::make_unique<QueuePlace>(QueuePlace::join(at.workspace, "c"));
  const QueuePlace second = QueuePlace::join(at.workspace, "c");
  const QueuePlace third = QueuePlace::join(at.workspace, "c");
  CHECK(first->ahead() == 0);
  CHECK(second.ahead() == 1);
  CHECK(third.ahead() == 2);
  first.reset();
  CHECK(second.ahead() == 0);
  CHECK(third.ahead() == 1);
  CHECK(QueuePlace::join(at.workspace, "other").ahead() == 0);
}

TEST_CASE("a killed run keeps nobody waiting and its place is cleared away", "[compute]") {
  const TemporaryWorkspace at;
  test::Child killed([&](int) { static const QueuePlace place = QueuePlace::join(at.workspace, "c"); });
  killed.message();
  const QueuePlace place = QueuePlace::join(at.workspace, "c");
  CHECK(place.ahead() == 1);
  killed.kill_now();
  CHECK(place.ahead() == 0);
  { const QueuePlace clears = QueuePlace::join(at.workspace, "c"); }
  CHECK(test::entries_in(at.workspace.lease_folder("c")) == 2);  // its own place and the queue's lock
}

TEST_CASE("a place outlives its being moved", "[compute]") {
  const TemporaryWorkspace at;
  QueuePlace first = QueuePlace::join(at.workspace, "c");
  const QueuePlace moved(std::move(first));
  CHECK(QueuePlace::join(at.workspace, "c").ahead() == 1);
}

}  // namespace amltrain
