#include "engine/exchange/safetensors_image.hpp"

#include <algorithm>
#include <cstring>

#include "engine/exchange/tensor_bytes.hpp"
#include "engine/torch.hpp"

namespace amltrain::engine {

namespace {
constexpr std::int64_t kGrain = 1 << 20;  // bytes a thread should have to copy at least
}

void SafetensorsImage::fill(const StateDict& state, Threads threads) {
  if (!fits(state)) lay_out(state);
  std::vector<at::Tensor> sources;
  for (const auto& [name, tensor] : state.entries) sources.push_back(tensor.cpu().contiguous());
  const auto copy = [&](std::int64_t from, std::int64_t to) {
    for (const SafetensorsLayout::Place& place : layout_.places) {
      const auto begin = std::max<std::uint64_t>(static_cast<std::uint64_t>(from), place.at);
      const auto end = std::min<std::uint64_t>(static_cast<std::uint64_t>(to), place.end);
      if (begin >= end) continue;
      const std::byte* source = bytes_of(sources[place.entry]).data();
      std::memcpy(memory_.get() + begin, source + (begin - place.at), end - begin);
    }
  };
  const auto size = static_cast<std::int64_t>(size_);
  if (threads == Threads::one) return copy(0, size);
  at::parallel_for(0, size, kGrain, copy);
}

bool SafetensorsImage::fits(const StateDict& state) const {
  return std::ranges::equal(tensors_, state.entries, [](const Described& one, const auto& entry) {
    return one.name == entry.first && one.type == entry.second.scalar_type() &&
           entry.second.sizes() == one.sizes;
  });
}

void SafetensorsImage::lay_out(const StateDict& state) {
  layout_ = lay_out_safetensors(state, {}, "a checkpoint");
  size_ = static_cast<std::size_t>(layout_.bytes);
  memory_ = allocate_pages(size_, "hold a checkpoint in memory");
  std::memcpy(memory_.get(), layout_.head.data(), layout_.head.size());
  tensors_.clear();
  for (const auto& [name, tensor] : state.entries)
    tensors_.push_back({name, tensor.scalar_type(), tensor.sizes().vec()});
}

}  // namespace amltrain::engine
