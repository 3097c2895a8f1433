#include "engine/train/graphed_pass.hpp"

#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {
constexpr int kPlainBatches = 3;  // as torch.cuda.make_graphed_callables warms up
}

bool GraphedPass::run(const at::Tensor& images, const Target& target, const Learn& learn, Outcome& outcome) {
  if (target.mixed_in.defined()) return false;  // the share of a mixture is a number of the host
  if (sizes_.empty()) sizes_ = images.sizes().vec();
  if (images.sizes() != sizes_ || seen_++ < kPlainBatches) return false;
  if (work_) {
    images_.copy_(images);
    labels_.copy_(target.labels);
  } else {
    record(images, target.labels, learn);
  }
  work_->run();
  ++runs_;
  optimiser_.add_gradients(gradients_);  // there are none: these become them
  outcome.loss = outcome_.loss.clone();  // the next run overwrites them
  outcome.correct = outcome_.correct.clone();
  return true;
}

void GraphedPass::record(const at::Tensor& images, const at::Tensor& labels, const Learn& learn) {
  images_ = images.clone();
  labels_ = labels.clone();
  work_ = record_work(images.device(), [&] { learn(images_, {labels_}, outcome_); });
  gradients_ = optimiser_.take_gradients();
}

}  // namespace amltrain::engine
