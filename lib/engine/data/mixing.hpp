// Mixup: Zhang et al. 2018, "mixup: Beyond Empirical Risk Minimization", arXiv:1710.09412. No torch.
#pragma once

#include <cstdint>
#include <vector>

namespace amltrain::engine {

/// Image i of a batch becomes share * image i + (1 - share) * image partner[i], and so do the losses.
struct Mixing {
  double share = 1;                   // 0..1
  std::vector<std::int64_t> partner;  // a permutation of the batch
};

/// Share from Beta(alpha, alpha), and the pairing: functions of seed, epoch and the batch's number alone.
/// alpha > 0.
Mixing draw_mixing(double alpha, std::uint64_t seed, int epoch, int batch, int count);

}  // namespace amltrain::engine
