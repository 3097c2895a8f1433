#include "engine/train/loss.hpp"

#include "engine/device/upload.hpp"
#include "engine/torch.hpp"

namespace amltrain::engine {

Target Target::part(std::int64_t first, std::int64_t count) const {
  return {labels.narrow(0, first, count), mixed_in.defined() ? mixed_in.narrow(0, first, count) : mixed_in,
          share};
}

void mix(const Mixing& mixing, at::Tensor& images, Target& target) {
  const at::Tensor partner = at::empty({static_cast<std::int64_t>(mixing.partner.size())}, at::kLong);
  std::ranges::copy(mixing.partner, partner.mutable_data_ptr<std::int64_t>());
  const at::Tensor there = Upload(images.device())(partner);
  const at::MemoryFormat format = images.suggest_memory_format();
  images = images.mul(mixing.share).add(images.index_select(0, there), 1 - mixing.share).contiguous(format);
  target.mixed_in = target.labels.index_select(0, there);
  target.share = mixing.share;
}

at::Tensor loss_of(const at::Tensor& logits, const Target& target, double label_smoothing) {
  const auto of = [&](const at::Tensor& labels) {
    return at::cross_entropy_loss(logits, labels, {}, at::Reduction::Mean, -100, label_smoothing);
  };
  if (!target.mixed_in.defined()) return of(target.labels);
  return of(target.labels).mul(target.share).add(of(target.mixed_in), 1 - target.share);
}

at::Tensor hits_of(const at::Tensor& logits, const Target& target) {
  const bool own = !target.mixed_in.defined() || target.share >= 0.5;
  return logits.detach().argmax(1).eq(own ? target.labels : target.mixed_in).sum();
}

}  // namespace amltrain::engine
