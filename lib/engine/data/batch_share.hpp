// Which batches of an epoch are a rank's.
#pragma once

namespace amltrain::engine {

/// A step takes the next `per_step` batches of the epoch's order, whoever computes them; of these the rank's
/// are number `rank` and every `ranks`-th after it, so that it has one more than another, or none, where they
/// don't go up evenly. The rank counts its own from 0.
struct BatchShare {
  int rank = 0, ranks = 1;
  int per_step = 1;

  /// Of `batches` that are next in order.
  int own_of_a_step(int batches) const { return batches > rank ? (batches - rank + ranks - 1) / ranks : 0; }
  int own_per_step() const { return own_of_a_step(per_step); }
  /// The most that any rank has in a step.
  int most_per_step() const { return (per_step + ranks - 1) / ranks; }
  /// Of the epoch's `batches`; the last step may have fewer than the others.
  int own_of(int batches) const {
    return batches / per_step * own_per_step() + own_of_a_step(batches % per_step);
  }
  /// Where the rank's batch number `own` stands among those of all.
  int among_all(int own) const {
    const int each = own_per_step();
    return own / each * per_step + rank + own % each * ranks;
  }
};

}  // namespace amltrain::engine
