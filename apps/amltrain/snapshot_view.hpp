// What a snapshot takes of a folder, as text and as a document.
#pragma once

#include "context.hpp"
#include "snapshot/scan.hpp"

namespace amltrain::cli {

/// The result of `submit --dry-run --show-snapshot`.
void show_snapshot(const Context& context, const SourceScan& scan);

/// Notices of what was held back, the first ones by name.
void notice_held_back(const Context& context, const SourceScan& scan);

}  // namespace amltrain::cli
