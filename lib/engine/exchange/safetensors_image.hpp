// A safetensors file as memory: filled again and again from tensors that go on changing, and written as it
// is.
#pragma once

#include <cstddef>
#include <span>

#include "engine/exchange/safetensors_layout.hpp"
#include "support/unbuffered.hpp"

namespace amltrain::engine {

class SafetensorsImage {
 public:
  enum class Threads { one, of_the_arithmetic };
  /// Copies the tensors, from any device. The memory is laid out anew only when names, types or shapes are
  /// not those of the last time.
  void fill(const StateDict& state, Threads threads);

  /// The whole file; begins at a page. Empty before the first fill().
  std::span<const std::byte> bytes() const { return {memory_.get(), size_}; }

 private:
  struct Described {
    std::string name;
    at::ScalarType type;
    std::vector<std::int64_t> sizes;
  };
  bool fits(const StateDict& state) const;
  void lay_out(const StateDict& state);

  PageMemory memory_;
  std::size_t size_ = 0;
  SafetensorsLayout layout_{};
  std::vector<Described> tensors_;
};

}  // namespace amltrain::engine
