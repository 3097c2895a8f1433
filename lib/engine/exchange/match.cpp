#include "engine/exchange/match.hpp"

#include <map>
#include <optional>

#include "engine/exchange/formats.hpp"
#include "engine/exchange/refuse.hpp"
#include "engine/nn/shapes.hpp"

namespace amltrain::engine {
namespace {

struct Misfit {
  std::size_t matched = 0;  // tensors that fit before it
  std::string problem;
};

/// The first tensor that does not fit.
std::optional<Misfit> find_misfit(const StateDict& state, const ResNetSpec& spec, std::int64_t classes) {
  std::map<std::string_view, const at::Tensor*> left;
  for (const auto& [name, tensor] : state.entries) left.emplace(name, &tensor);
  std::size_t matched = 0;
  for (const auto& [name, shape] : parameter_shapes(spec, classes)) {
    const auto found = left.find(name);
    if (found == left.end()) {
      if (is_batch_counter(name)) continue;
      return Misfit{matched, "'" + name + "' is missing"};
    }
    const at::Tensor& tensor = *found->second;
    if (tensor.sizes() != at::IntArrayRef(shape))
      return Misfit{matched,
                    "'" + name + "' is " + shape_text(tensor.sizes()) + ", not " + shape_text(shape)};
    left.erase(found);
    ++matched;
  }
  if (left.empty()) return std::nullopt;
  return Misfit{matched, "'" + std::string(left.begin()->first) + "' is none of its tensors"};
}

}  // namespace

std::string shape_text(at::IntArrayRef shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

void check_matches(const StateDict& state, const ResNetSpec& spec, std::int64_t classes,
                   const std::string& origin) {
  if (const auto misfit = find_misfit(state, spec, classes))
    refuse(origin,
           "is not a " + spec.name + " of " + std::to_string(classes) + " classes: " + misfit->problem);
  for (const auto& [name, tensor] : state.entries) {
    const auto wanted = is_batch_counter(name) ? at::kLong : at::kFloat;
    if (tensor.scalar_type() != wanted)
      refuse(origin, "'" + name + "' has elements of type " + c10::toString(tensor.scalar_type()) + ", not " +
                         c10::toString(wanted));
  }
}

ResNetSpec infer_spec(const StateDict& state, const std::string& origin) {
  const at::Tensor* head = state.find("fc.weight");
  if (!head || head->dim() != 2)
    refuse(origin, "has no 'fc.weight' of two dimensions, so it is no ResNet as torchvision names it");
  std::optional<Misfit> nearest;
  std::string nearest_name;
  for (const ResNetSpec& spec : resnet_specs()) {
    const auto misfit = find_misfit(state, spec, head->size(0));
    if (!misfit) return spec;
    if (nearest && nearest->matched >= misfit->matched) continue;
    nearest = misfit;
    nearest_name = spec.name;
  }
  refuse(origin, "fits no known architecture; for " + nearest_name + ", the nearest, " + nearest->problem);
}

}  // namespace amltrain::engine
