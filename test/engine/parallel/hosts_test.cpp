// Ranks of several hosts, which are all this machine: what they exchange, and how one that is lost is missed.
// Cables are cut in test/cli/train_hosts_test.sh.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>

#include "engine/parallel/bf16.hpp"
#include "engine/parallel/door.hpp"
#include "engine/parallel/hierarchical_ranks.hpp"
#include "engine/parallel/join.hpp"
#include "engine/parallel/together.hpp"
#include "support/error.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;
using namespace std::chrono_literals;

namespace {

const std::function<bool()> never = [] { return false; };
using Clock = std::chrono::steady_clock;

/// No two ranks have the same values, and their sum depends on the order in which they are added.
float value_of(int rank, std::size_t i) {
  return static_cast<float>(i % 97 + 1) * (rank == 0   ? 1e7F
                                           : rank == 1 ? -1e7F
                                                       : 0.3F * static_cast<float>(rank));
}

const std::vector<std::size_t> kLengths{1, 0, 70'001, 5, 400'000};
using Pieces = std::vector<std::vector<float>>;

Pieces pieces_of(int rank) {
  Pieces pieces;
  for (const std::size_t length : kLengths) {
    auto& piece = pieces.emplace_back(length);
    for (std::size_t i = 0; i < length; ++i) piece[i] = value_of(rank, i);
  }
  return pieces;
}

enum class Sum { whole, rounded };

std::vector<Pieces> sums_of(int size, int on_host, Sum how = Sum::whole) {
  std::vector<Pieces> all(static_cast<std::size_t>(size));
  const auto work = [&](const RankPlace& place) {
    const auto ranks = join_ranks(place, never);
    for (int time = 0; time < 2; ++time) {
      Pieces pieces = pieces_of(place.rank);
      const std::vector<std::span<float>> spans(pieces.begin(), pieces.end());
      how == Sum::whole ? ranks->sum(spans) : ranks->sum_rounded(spans);
      all[static_cast<std::size_t>(place.rank)] = std::move(pieces);
    }
    const auto sent = ranks->spent().bytes_sent;
    CHECK((place.on_host == 0 || place.rank % place.on_host != 0) == (sent == 0));
  };
  together(size, work, on_host);
  return all;
}

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& problem) {
    CHECK(problem.kind() == category::environment);
    return problem.what();
  }
  return "nothing";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A process that is rank 1 of two hosts with one rank each, and does `work` when they have met.
class OtherHost {
 public:
  explicit OtherHost(const std::function<void(Ranks&)>& work) {
    const std::string rendezvous = "test-other-" + std::to_string(getpid());
    const int port = some_port();
    child_ = fork();
    if (child_ == 0) {
      try {
        work(*join_ranks(place_on_hosts(1, 2, 1, rendezvous, port), never));
      } catch (...) {
        _exit(1);
      }
      _exit(0);
    }
    ranks_ = join_ranks(place_on_hosts(0, 2, 1, rendezvous, port), never);
  }
  ~OtherHost() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  OtherHost(const OtherHost&) = delete;
  OtherHost& operator=(const OtherHost&) = delete;

  Ranks& ranks() { return *ranks_; }

 private:
  pid_t child_ = 0;
  std::unique_ptr<Ranks> ranks_;
};

}  // namespace

TEST_CASE("one rank a host: the sums are to the bit those of ranks on one machine") {
  const int size = GENERATE(2, 3, 5);
  const std::vector<Pieces> hosts = sums_of(size, 1), machine = sums_of(size, 0);
  for (const Pieces& pieces : hosts) CHECK(pieces == machine[0]);
}

TEST_CASE("several ranks a host: its own sums are added in the order of the hosts") {
  const std::vector<Pieces> all = sums_of(6, 2);
  for (const Pieces& pieces : all) CHECK(pieces == all[0]);
  for (std::size_t piece = 0; piece < kLengths.size(); ++piece)
    for (std::size_t i = 0; i < kLengths[piece]; ++i) {
      float sum = 0;
      for (int host = 0; host < 3; ++host) {
        const float of_host = value_of(2 * host, i) + value_of(2 * host + 1, i);
        sum = host == 0 ? of_host : sum + of_host;
      }
      if (all[0][piece][i] != sum) FAIL("value " << i << " of piece " << piece);
    }
}

TEST_CASE("rounded between hosts, all ranks have the same bytes: the rounded sum of what was rounded") {
  const auto [size, on_host] = GENERATE(table<int, int>({{2, 1}, {3, 1}, {4, 2}}));
  const std::vector<Pieces> all = sums_of(size, on_host, Sum::rounded);
  for (const Pieces& pieces : all) CHECK(pieces == all[0]);
  for (std::size_t i = 0; i < kLengths.back(); ++i) {
    float sum = 0;
    for (int first = 0; first < size; first += on_host) {
      float of_host = value_of(first, i);
      if (on_host == 2) of_host += value_of(first + 1, i);
      sum += from_bf16(to_bf16(of_host));
    }
    if (all[0].back()[i] != from_bf16(to_bf16(sum))) FAIL("value " << i);
  }
  CHECK(sums_of(size, 0, Sum::rounded)[0] == sums_of(size, 0)[0]);  // within a machine nothing is rounded
}

TEST_CASE("ranks of several hosts gather what each has, in the order of the ranks") {
  const auto [size, on_host] = GENERATE(table<int, int>({{2, 1}, {4, 2}, {6, 2}, {3, 1}}));
  const std::size_t count = 200'000;
  const auto work = [&, of_all = static_cast<std::size_t>(size)](const RankPlace& place) {
    const auto ranks = join_ranks(place, never);
    const std::vector<std::int32_t> own(count, place.rank);
    std::vector<std::int32_t> all(of_all * count);
    ranks->gather(std::as_bytes(std::span(own)), std::as_writable_bytes(std::span(all)));
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i] != static_cast<std::int32_t>(i / count)) FAIL("value " << i);
    std::vector<double> sums{1.0, 1e15};
    ranks->sum(sums);
    CHECK(sums == std::vector<double>{1.0 * place.world_size, 1e15 * place.world_size});
  };
  together(size, work, on_host);
}

TEST_CASE("a host that does not come is named, and so is a place that is taken") {
  const RankPlace first = place_on_hosts(0, 4, 2, "test-absent-" + std::to_string(getpid()), some_port());
  std::atomic<bool> over = false;
  {
    const std::jthread beside([&] {  // the leader's word is the one that counts
      RankPlace own = first;
      own.rank = 1;
      const std::function<bool()> stop = [&] { return over.load(); };
      CHECK_THROWS_WITH(HierarchicalRanks(own, stop, 1s), Catch::Contains("stopped"));
    });
    CHECK(error_of([&] { HierarchicalRanks(first, never, 1s); }) ==
          "rank 2 on host b did not come within 1.0 s");
    over = true;
  }

  RankPlace other = place_on_hosts(1, 2, 1, first.rendezvous, some_port());
  CHECK(has(error_of([&] { HierarchicalRanks(other, never, 1s); }),
            "rank 0 on host a did not come within 1.0 s at 127.0.0.1 port"));

  const Fd taken = listen_at({"127.0.0.1", 0});
  RankPlace late = place_on_hosts(0, 2, 1, first.rendezvous, own_end_of(taken.get()).port);
  CHECK(has(error_of([&] { HierarchicalRanks(late, never, 1s); }), "can't meet at 127.0.0.1 port"));
}

TEST_CASE("ranks of another run are not met") {
  std::vector<std::string> problems(2);
  const auto work = [&](const RankPlace& place) {
    RankPlace own = place;
    if (place.rank == 1) own.rendezvous += "!";
    problems[static_cast<std::size_t>(place.rank)] = error_of([&] { HierarchicalRanks(own, never, 2s); });
  };
  together(2, work, 1);
  CHECK(problems[0] == "rank 1 on host b did not come within 2.0 s");
  CHECK(has(problems[1], "rank 0 on host a did not come within 2.0 s"));
}

TEST_CASE("a place where something else answers is given up long before one where nobody is yet") {
  Door other("another run", 0, {"127.0.0.1", 0});
  std::jthread open([&](const std::stop_token& end) {
    while (!end.stop_requested()) other.next(50ms);
  });
  const Meeting there{"this run", 1, {"rank 0", "rank 1"}, other.where(), 1s};
  const auto meet = [](const Meeting& meeting) { meet_hosts(meeting, 3s, [] {}); };
  CHECK(has(error_of([&] { meet(there); }), "rank 0 did not come within 1.0 s at 127.0.0.1"));
  const Meeting nowhere{"this run", 1, {"rank 0", "rank 1"}, {"127.0.0.1", some_port()}, 1s};
  CHECK(has(error_of([&] { meet(nowhere); }), "rank 0 did not come within 3.0 s at 127.0.0.1"));
}

TEST_CASE("a host whose rank is killed is missed within seconds") {
  OtherHost other([](Ranks&) { kill(getpid(), SIGKILL); });
  const auto begun = Clock::now();
  CHECK(error_of([&] { other.ranks().gather(0); }) == "rank 1 on host b is gone");
  CHECK(Clock::now() - begun < 5s);
}

TEST_CASE("a rank of another host that is stopped is named") {
  OtherHost other([](Ranks&) { kill(getpid(), SIGSTOP); });
  const auto begun = Clock::now();
  CHECK(has(error_of([&] { other.ranks().gather(0); }), "rank 1 on host b is stuck: no sign of it for 8 s"));
  CHECK(Clock::now() - begun < 11s);
}

TEST_CASE("a rank of another host that does nothing any more is named") {
  OtherHost other([](Ranks& ranks) {
    for (int i = 0; i < 5; ++i) ranks.beat();
    pause();
  });
  std::this_thread::sleep_for(1s);  // its signs come a little later
  CHECK(has(error_of([&] { other.ranks().gather(0); }), "rank 1 on host b is stuck: no sign of it for 8 s"));
}

TEST_CASE("a host that takes its time to read is waited for, whatever was sent to it meanwhile") {
  std::vector<float> values(20'000'000, 1);
  const auto sum = [&](Ranks& ranks) {
    const std::span<float> all(values);
    ranks.sum(std::span(&all, 1));
  };
  OtherHost other([&](Ranks& ranks) {
    {
      const Ranks::LongWork work(ranks);
      std::this_thread::sleep_for(10s);
    }
    sum(ranks);
  });
  sum(other.ranks());
  CHECK(values.front() == 2);
  CHECK(values.back() == 2);
}

TEST_CASE("a rank that is to stop does not wait for other hosts") {
  std::atomic<bool> stop = false;
  const std::function<bool()> asked = [&] { return stop.load(); };
  const auto work = [&](const RankPlace& place) {
    const auto ranks = join_ranks(place, asked);
    if (place.rank == 3) {
      stop = true;
      return;
    }
    ranks->gather(0);
  };
  CHECK_THROWS_WITH(together(4, work, 2), Catch::Contains("stopped"));
}
