#include "engine/train/tally.hpp"

#include "engine/torch.hpp"

namespace amltrain::engine {

void Tally::add(const Outcome& outcome, std::int64_t step, const std::vector<std::uint32_t>& samples) {
  constexpr std::size_t kLongest = 100;  // batches: a loss that is no number is seen by then
  pending_.push_back({outcome, step, samples});
  if (outcome.loss.is_cpu() || pending_.size() >= kLongest) read();
}

void Tally::read() {
  if (pending_.empty()) return;
  std::vector<at::Tensor> losses, hits;
  for (const Pending& one : pending_) {
    losses.push_back(one.outcome.loss);
    hits.push_back(one.outcome.correct);
  }
  const at::Tensor loss = at::stack(losses).cpu(), correct = at::stack(hits).cpu();
  const std::vector<Pending> batches = std::exchange(pending_, {});
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const BatchResult result{loss.const_data_ptr<float>()[i], correct.const_data_ptr<std::int64_t>()[i],
                             batches[i].outcome.images};
    add(result, batches[i].step, batches[i].samples);
  }
}

void Tally::add(const BatchResult& result, std::int64_t step, const std::vector<std::uint32_t>& samples) {
  look_(result, step, samples);
  running_.add(result);
}

}  // namespace amltrain::engine
