// The one line of the trainer's log that tells how far it is: "epoch 3 train step 61, 12.3 images/s, ..., ETA
// 1m 2s".
#pragma once

#include <string_view>

namespace amltrain::cli {

inline bool is_progress(std::string_view line) {
  return line.starts_with("epoch ") && line.find(", ETA ") != std::string_view::npos;
}

}  // namespace amltrain::cli
