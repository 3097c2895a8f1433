#include "engine/parallel/ranks.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

using namespace amltrain::engine;

namespace {

/// The first of many, of whom each has what this one has, divided by its number.
class OneOfMany final : public Ranks {
 public:
  using Ranks::sum;
  int rank() const override { return 0; }
  int size() const override { return 48; }
  void sum(std::span<const std::span<float>>) override {}
  void gather(std::span<const std::byte> own, std::span<std::byte> all) override {
    most = std::max(most, all.size());
    std::vector<double> values(own.size() / sizeof(double));
    for (int rank = 0; rank < size(); ++rank, all = all.subspan(own.size())) {
      std::memcpy(values.data(), own.data(), own.size());
      for (double& value : values) value /= rank + 1;
      std::memcpy(all.data(), values.data(), own.size());
    }
  }
  void beat() override {}

  std::size_t most = 0;  // bytes of all ranks at a time
};

}  // namespace

TEST_CASE("sums of many values over many ranks take little memory, and are those in the order of the ranks") {
  OneOfMany ranks;
  std::vector<double> values(400'001), expected(values.size());
  std::iota(values.begin(), values.end(), 1.0);
  for (std::size_t i = 0; i < values.size(); ++i)
    for (int rank = 0; rank < ranks.size(); ++rank) expected[i] += values[i] / (rank + 1);
  ranks.sum(values);
  CHECK(values == expected);
  CHECK(ranks.most <= std::size_t{32} << 20);
}
