#include "engine/exchange/match.hpp"
#include "engine/nn/resnet.hpp"
#include "engine/torch.hpp"

namespace amltrain::engine {

void load_state(const ResNet& model, const StateDict& from, const std::string& origin, Head head) {
  const at::Tensor* fc = from.find("fc.weight");
  const std::int64_t classes =
      head == Head::keep_fresh && fc && fc->dim() == 2 ? fc->size(0) : model.classes();
  check_matches(from, model.spec(), classes, origin);
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : model.state().entries) {
    if (head == Head::keep_fresh && name.starts_with("fc.")) continue;
    if (const at::Tensor* given = from.find(name))
      tensor.copy_(*given);  // old files lack batch norm's counters
  }
}

StateDict copy_state(const ResNet& model) {
  StateDict copy;
  for (const auto& [name, tensor] : model.state().entries)
    copy.entries.emplace_back(name, at::empty(tensor.sizes(), tensor.options().device(at::kCPU)));
  copy_state(model, copy);
  return copy;
}

void copy_state(const ResNet& model, StateDict& into) {
  const at::NoGradGuard no_grad;
  const auto& entries = model.state().entries;
  for (std::size_t i = 0; i < entries.size(); ++i) into.entries[i].second.copy_(entries[i].second);
}

}  // namespace amltrain::engine
