// A folder of checkpoints has one writer at a time.
#pragma once

#include <filesystem>

#include "support/lock.hpp"

namespace amltrain {

/// Held until destroyed, or until the process is gone: a kernel lock on FOLDER/writer.lock, which holds the
/// pid for people. Throws Error{conflict} naming that pid when another training writes there.
FileLock lock_checkpoint_folder(const std::filesystem::path& folder);

}  // namespace amltrain
