#include "engine/train/autocast.hpp"

#include <ATen/autocast_mode.h>

namespace amltrain::engine {

Autocast::Autocast(c10::DeviceType device, at::ScalarType type)
    : device_(device), enabled_(type != at::kFloat) {
  if (!enabled_) return;
  at::autocast::set_autocast_dtype(device_, type);
  at::autocast::set_autocast_enabled(device_, true);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!enabled_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, false);
}

}  // namespace amltrain::engine
