#include "engine/parallel/shared_ranks.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <numeric>

#include "engine/parallel/join.hpp"
#include "engine/parallel/together.hpp"
#include "support/error.hpp"
#include "support/life_sign.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;
using namespace std::chrono_literals;

namespace {

const std::function<bool()> never = [] { return false; };

/// Values that no two ranks have alike, whose sum depends on the order in which they are added.
float value_of(int rank, std::size_t i) {
  return static_cast<float>(i % 97 + 1) * (rank == 0 ? 1e7F : rank == 1 ? -1e7F : 0.3F);
}

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& problem) {
    return problem.what();
  }
  return "nothing";
}

}  // namespace

TEST_CASE("ranks have the sums of their values, added in the order of the ranks") {
  const int size = GENERATE(2, 3);
  const std::vector<std::size_t> lengths{1, 0, 70'001, 5, 400'000};  // more than is summed at a time
  std::vector<std::vector<std::vector<float>>> of_rank(static_cast<std::size_t>(size));
  together(size, [&](const RankPlace& place) {
    const auto ranks = join_ranks(place, never);
    auto& pieces = of_rank[static_cast<std::size_t>(place.rank)];
    for (int time = 0; time < 2; ++time) {
      pieces.clear();
      std::vector<std::span<float>> spans;
      for (const std::size_t length : lengths) {
        std::vector<float> piece(length);
        for (std::size_t i = 0; i < length; ++i) piece[i] = value_of(place.rank, i);
        pieces.push_back(std::move(piece));
      }
      for (std::vector<float>& piece : pieces) spans.emplace_back(piece);
      ranks->sum(spans);
    }
  });
  for (std::size_t piece = 0; piece < lengths.size(); ++piece)
    for (std::size_t i = 0; i < lengths[piece]; ++i) {
      float expected = value_of(0, i);
      for (int rank = 1; rank < size; ++rank) expected += value_of(rank, i);
      for (const auto& pieces : of_rank)
        if (pieces[piece][i] != expected) FAIL("value " << i << " of piece " << piece);
    }
}

TEST_CASE("a rank that nobody waits for any more may be silent for ever") {
  const LifeSign life = LifeSign::make();
  Command command;
  life.give_to(command);
  for (const auto& [name, number] : command.environment)  // the rank closes its own
    setenv(name.c_str(), std::to_string(dup(std::stoi(number))).c_str(), 1);
  SharedRanks alone(place(0, 1, "test-alone-" + std::to_string(getpid())), never, 1s);
  for (const auto& [name, number] : command.environment) unsetenv(name.c_str());
  for (int i = 0; i < 5; ++i) alone.beat();
  CHECK(life.patience() > std::chrono::seconds(0));
  const std::uint64_t shown = life.shown();
  alone.part();
  CHECK(life.patience() == std::chrono::seconds(0));
  CHECK(life.shown() > shown);
}

TEST_CASE("long work is no pause, and what was before and comes after it is") {
  SharedRanks alone(place(0, 1, "test-long-" + std::to_string(getpid())), never, 1s);
  for (int i = 0; i < 5; ++i) alone.beat();
  const auto longest = [&] { return std::chrono::milliseconds(alone.signs()[0].longest_ms); };
  const auto sleep = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
  {
    const Ranks::LongWork work(alone);
    sleep(2s);
  }
  alone.beat();
  CHECK(longest() < 1s);
  sleep(1s);
  {
    const Ranks::LongWork work(alone);
    CHECK(longest() >= 1s);
  }
  sleep(1500ms);
  alone.beat();
  CHECK(longest() >= 1500ms);
}

TEST_CASE("who waits for the end of long work counts anew from there") {
  CHECK_NOTHROW(together(2, [&](RankPlace place) {
    place.timeout = 3s;
    const auto ranks = join_ranks(place, never);
    for (int i = 0; i < 5; ++i) ranks->beat();
    if (place.rank == 1) {
      {
        const Ranks::LongWork work(*ranks);
        std::this_thread::sleep_for(5s);
      }
      std::this_thread::sleep_for(500ms);
    }
    ranks->gather(0);
  }));
}

TEST_CASE("ranks gather what each has, in the order of the ranks") {
  const std::size_t count = 300'000;  // more than fits at a time
  std::vector<std::vector<std::int32_t>> gathered(3);
  together(3, [&](const RankPlace& place) {
    const auto ranks = join_ranks(place, never);
    CHECK(ranks->gather(10 * place.rank) == std::vector<int>{0, 10, 20});
    const std::vector<std::int32_t> own(count, place.rank);
    std::vector<std::int32_t> all(3 * count);
    ranks->gather(std::as_bytes(std::span(own)), std::as_writable_bytes(std::span(all)));
    gathered[static_cast<std::size_t>(place.rank)] = all;
    std::vector<double> sums{1.0 + place.rank, 1e15};
    ranks->sum(sums);
    CHECK(sums == std::vector<double>{6, 3e15});
  });
  for (const auto& all : gathered)
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i] != static_cast<std::int32_t>(i / count)) FAIL("value " << i);
}

TEST_CASE("nothing of a meeting stays behind, and a name that is taken is refused") {
  const RankPlace again = place(0, 2, "test-names-" + std::to_string(getpid()));
  const std::string name = segment_name(again);
  CHECK(name.find(again.rendezvous) == std::string::npos);  // a name is no secret
  {
    const SharedSegment taken = SharedSegment::create(name, 4096);
    CHECK(std::filesystem::exists("/dev/shm" + name));
    CHECK(error_of([&] { join_ranks(again, never); }).find("can't be made") != std::string::npos);
  }
  together(2, [&](const RankPlace& place) {
    const auto ranks = join_ranks(place, never);
    ranks->gather(0);
    CHECK_FALSE(std::filesystem::exists("/dev/shm" + segment_name(place)));
  });
}

TEST_CASE("a place that is none is refused") {
  for (const RankPlace& none : {place(2, 2, "x"), place(-1, 2, "x"), place(0, 0, "x"), place(0, 2, "")})
    CHECK(error_of([&] { join_ranks(none, never); }).find("is no place") != std::string::npos);
}

TEST_CASE("a rank that does not come is named") {
  const std::string rendezvous = "test-absent-" + std::to_string(getpid());
  for (const int rank : {0, 1})
    CHECK(error_of([&] { SharedRanks(place(rank, 2, rendezvous), never, 1s); }) ==
          "rank " + std::to_string(1 - rank) + " did not come within 1.0 s");
}

TEST_CASE("signs before the first step say nothing of a rank's pace") {
  SharedRanks alone(place(0, 1, "test-first-" + std::to_string(getpid())), never, 1s);
  const std::uint64_t before = alone.signs()[0].all();
  for (int i = 0; i < 5; ++i) static_cast<Ranks&>(alone).at_work();
  const Sign after = alone.signs()[0];
  CHECK(after.all() == before + 5);
  CHECK(patience(after, 8s) == kLongPatience);
}

TEST_CASE("who waits for a rank that gives no sign of itself names it") {
  std::atomic<bool> done = false;
  const std::string problem = error_of([&] {
    together(2, [&](const RankPlace& place) {
      const auto ranks = join_ranks(place, never);
      for (int i = 0; i < 5; ++i) ranks->beat();
      if (place.rank == 1) {
        while (!done) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return;
      }
      try {
        ranks->gather(0);
      } catch (...) {
        done = true;
        throw;
      }
    });
  });
  CHECK(problem.find("rank 1 is stuck: no sign of it for 8 s") != std::string::npos);
}

TEST_CASE("a rank whose process is gone is named at once") {
  const std::string rendezvous = "test-gone-" + std::to_string(getpid());
  const pid_t child = fork();
  if (child == 0) {
    try {
      join_ranks(place(1, 2, rendezvous), never);
    } catch (...) {
      _exit(1);
    }
    _exit(0);
  }
  const auto ranks = join_ranks(place(0, 2, rendezvous), never);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(status == 0);
  const auto begun = std::chrono::steady_clock::now();
  CHECK(error_of([&] { ranks->gather(0); }).find("rank 1 (process " + std::to_string(child) + ") is gone") !=
        std::string::npos);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(2));
}

TEST_CASE("a rank that is to stop does not wait for the others") {
  std::atomic<bool> stop = false;
  const std::function<bool()> asked = [&] { return stop.load(); };
  CHECK(error_of([&] {
          together(2, [&](const RankPlace& place) {
            const auto ranks = join_ranks(place, asked);
            if (place.rank == 1) {
              stop = true;
              return;
            }
            ranks->gather(0);
          });
        }).find("stopped") != std::string::npos);
}
