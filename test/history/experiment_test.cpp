#include "history/experiment.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

struct Store {
  TemporaryFolder folder;
  Workspace workspace = Workspace::init(folder.path(), "w").workspace;
};

}  // namespace

TEST_CASE("an experiment is made once and found again", "[history]") {
  const Store store;
  const auto made = ensure_experiment(store.workspace, "birds", "first");
  CHECK(made.created);
  const auto again = ensure_experiment(store.workspace, "birds", "second");
  CHECK_FALSE(again.created);
  CHECK(again.experiment.description == "first");
  CHECK(read_experiment(store.workspace, "birds").created_at == made.experiment.created_at);
  ensure_experiment(store.workspace, "ants");
  const auto all = list_experiments(store.workspace);
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "ants");
}

TEST_CASE("of many at once one makes the experiment", "[history]") {
  const Store store;
  std::atomic<int> created = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { created += ensure_experiment(store.workspace, "birds").created ? 1 : 0; });
  for (std::thread& thread : threads) thread.join();
  CHECK(created == 1);
}

TEST_CASE("an unknown experiment is answered with the near one and the command that makes it", "[history]") {
  const Store store;
  ensure_experiment(store.workspace, "birds");
  const Error problem = error_of([&] { read_experiment(store.workspace, "brids"); });
  CHECK(problem.kind() == category::not_found);
  CHECK(contains(problem.hint(), "did you mean 'birds'?"));
  CHECK(contains(problem.hint(), "amltrain experiment create brids"));
}

TEST_CASE("an experiment's name and document are checked", "[history]") {
  const Store store;
  CHECK(error_of([&] { ensure_experiment(store.workspace, "../x"); }).kind() == category::bad_input);
  CHECK(error_of([&] { read_experiment(store.workspace, "a b"); }).kind() == category::bad_input);
  write_plain(store.workspace.experiment_file("new"), R"({"schema": "amltrain.experiment/2"})");
  CHECK(error_of([&] { read_experiment(store.workspace, "new"); }).kind() == category::bad_input);
}
