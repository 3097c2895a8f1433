// A folder of checkpoints has one writer at a time.
#pragma once

#include <chrono>
#include <filesystem>

#include "support/lock.hpp"

namespace amltrain {

/// Held until destroyed, or until the process is gone: a kernel lock on FOLDER/writer.lock, which holds the
/// pid for people. Waits for as long as `patience`; when another training writes there still, throws an Error
/// that names its pid: conflict, and environment of a training that had patience, since its next start may
/// find the folder free.
FileLock lock_checkpoint_folder(const std::filesystem::path& folder,
                                std::chrono::seconds patience = std::chrono::seconds(0));

/// None, but for a training that its run has started again: the lock may be that of the start before, on a
/// host that is gone. An NFS server lets go of it when the host's lease has ended, after a minute and a half.
/// Less than two minutes, for which the other ranks wait for one that takes its first steps.
std::chrono::seconds patience_with_last_writer();

}  // namespace amltrain
