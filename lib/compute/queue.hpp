// The order in which runs get a slot: first come, first served.
#pragma once

#include <filesystem>

#include "support/lock.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// A place in the queue of a compute target: leases/COMPUTE/place-NUMBER.lock. A place whose holder has died
/// is free by itself, since the kernel drops its lock.
class QueuePlace {
 public:
  /// Takes the place after all that were ever taken and are still waiting.
  static QueuePlace join(const Workspace& workspace, const std::string& compute);
  ~QueuePlace();
  QueuePlace(QueuePlace&& other) noexcept;
  QueuePlace& operator=(QueuePlace&&) = delete;

  /// Living runs before this one.
  int ahead() const;

 private:
  QueuePlace(std::filesystem::path folder, long number, FileLock lock)
      : folder_(std::move(folder)), number_(number), lock_(std::move(lock)) {}
  std::filesystem::path folder_;  // empty: moved from
  long number_;
  FileLock lock_;
};

}  // namespace amltrain
