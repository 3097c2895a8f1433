#include "engine/data/batch_share.hpp"

#include <catch2/catch.hpp>
#include <vector>

using amltrain::engine::BatchShare;

TEST_CASE("each batch of an epoch is one rank's, and in the step of its turn", "[engine][data]") {
  const int ranks = GENERATE(1, 2, 3, 5), per_step = GENERATE(1, 2, 4, 6), batches = GENERATE(1, 5, 12, 13);
  CAPTURE(ranks, per_step, batches);
  std::vector<int> owners(static_cast<std::size_t>(batches));
  for (int rank = 0; rank < ranks; ++rank) {
    const BatchShare share{rank, ranks, per_step};
    CHECK(share.own_per_step() <= share.most_per_step());
    int before = -1;
    for (int own = 0; own < share.own_of(batches); ++own) {
      const int batch = share.among_all(own);
      REQUIRE(batch > before);
      REQUIRE(batch < batches);
      CHECK(batch / per_step == own / share.own_per_step());
      ++owners[static_cast<std::size_t>(batch)];
      before = batch;
    }
  }
  CHECK(owners == std::vector<int>(static_cast<std::size_t>(batches), 1));
}
