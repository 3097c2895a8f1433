// JSON for readers who want an answer whatever bytes are in it; what is recorded is recorded_text().
#pragma once

#include <string>

#include "support/json.hpp"

namespace amltrain {

/// Text of a document; bytes that are no UTF-8 (of a file name, say) become U+FFFD.
inline std::string lossy_text(const json& document, int indent = -1) {
  return document.dump(indent, ' ', false, json::error_handler_t::replace);
}

}  // namespace amltrain
