// Between those who make things in the store and the one who clears it out.
#pragma once

#include <chrono>
#include <optional>

#include "support/lock.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// Held (locks/gc.lock, shared) while something is made that nothing names yet: a stored source before its
/// run is there, a folder under tmp/. Waits while a gc looks, which is short; throws Error{conflict} after a
/// minute.
FileLock hold_off_gc(const Workspace& workspace);

/// The same at once, for who can do something else meanwhile; absent while a gc looks.
std::optional<FileLock> try_hold_off_gc(const Workspace& workspace);

/// The same lock, alone: nobody makes anything while it is held. Throws Error{conflict} when somebody still
/// does after `patience`.
FileLock lock_for_gc(const Workspace& workspace, std::chrono::milliseconds patience);

}  // namespace amltrain
