#include "history/event_feed.hpp"

#include <catch2/catch.hpp>

#include "store.hpp"
#include "support/children.hpp"
#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;
using namespace std::chrono_literals;

namespace {

std::string states(const std::vector<FedEvent>& events) {
  std::string names;
  for (const FedEvent& fed : events) names += std::string(name_of(fed.event.state)) + " ";
  return names;
}

}  // namespace

TEST_CASE("a feed of one run gives each event once and ends with the run", "[history]") {
  const Store store;
  RunWriter writer = store.start();
  EventFeed feed(store.workspace, writer.definition().id);
  CHECK(states(feed.next()) == "NotStarted ");
  CHECK(feed.next().empty());
  writer.record(Store::event(State::queued));
  CHECK(states(feed.next()) == "Queued ");
  CHECK_FALSE(feed.ended());
  writer.record(Store::event(State::failed));
  CHECK(states(feed.next()) == "Failed ");
  CHECK(feed.ended());
  CHECK(feed.next().empty());
}

TEST_CASE("a feed of all runs sees those that come later", "[history]") {
  const Store store;
  const RunId old = store.finished("a", now() - 10s);
  EventFeed feed(store.workspace, {});
  const auto first = feed.next();
  CHECK(states(first) == "NotStarted Queued Preparing Running Finalizing Completed ");
  CHECK(json(first.back()).at("run") == old);
  const RunWriter later = store.start();
  const auto next = feed.next();
  REQUIRE(next.size() == 1);
  CHECK(next[0].run == later.definition().id);
  CHECK_FALSE(feed.ended());
}

TEST_CASE("a feed wakes when something is recorded", "[history]") {
  const Store store;
  RunWriter writer = store.start();
  EventFeed feed(store.workspace, {});
  feed.next();
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  writer.record(Store::event(State::queued));
  std::vector<FedEvent> seen;
  while (seen.empty() && std::chrono::steady_clock::now() < deadline) {
    feed.wait(10s);
    seen = feed.next();
  }
  CHECK(states(seen) == "Queued ");
}

TEST_CASE("a damaged run ends its own feed and is left out of that of all", "[history]") {
  const Store store;
  const RunId damaged = store.finished(), whole = store.finished();
  write_plain(RunPaths(store.workspace, damaged).events(), "{\n");
  CHECK(EventFeed(store.workspace, {}).next().size() == 6);
  CHECK(error_of([&] { EventFeed(store.workspace, damaged).next(); }).kind() == category::bad_input);
}
