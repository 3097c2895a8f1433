#include <map>

#include "engine/nn/resnet.hpp"
#include "engine/nn/shapes.hpp"
#include "engine/torch.hpp"
#include "support/error.hpp"

namespace amltrain::engine {
namespace {

std::string shape_words(const at::Tensor& tensor) {
  std::string words = "[";
  for (const std::int64_t size : tensor.sizes())
    words += (words.size() > 1 ? ", " : "") + std::to_string(size);
  return words + "]";
}

[[noreturn]] void mismatch(const ResNet& model, const std::string& origin, const std::string& problem) {
  throw Error(category::bad_input, origin + ": " + problem,
              "the weights must be those of " + model.spec().name + ", named as torchvision names them");
}

}  // namespace

void load_state(const ResNet& model, const StateDict& from, const std::string& origin, Head head) {
  const at::NoGradGuard no_grad;
  std::map<std::string_view, const at::Tensor*> given;
  for (const auto& [name, tensor] : from.entries) given[name] = &tensor;
  for (const auto& [name, tensor] : model.state().entries) {
    const auto found = given.find(name);
    if (found == given.end()) {
      if (is_batch_counter(name) || (head == Head::keep_fresh && name.starts_with("fc."))) continue;
      mismatch(model, origin, "'" + name + "' is missing");
    }
    const at::Tensor& value = *found->second;
    given.erase(found);
    if (head == Head::keep_fresh && name.starts_with("fc.")) continue;
    if (value.sizes() != tensor.sizes())
      mismatch(model, origin,
               "'" + name + "' has shape " + shape_words(value) + ", expected " + shape_words(tensor));
    if (at::isFloatingType(value.scalar_type()) != at::isFloatingType(tensor.scalar_type()))
      mismatch(model, origin,
               "'" + name + "' has elements of another kind (" + toString(value.scalar_type()) + ")");
    tensor.copy_(value);
  }
  if (!given.empty())
    mismatch(model, origin, "'" + std::string(given.begin()->first) + "' is not a tensor of the model");
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
