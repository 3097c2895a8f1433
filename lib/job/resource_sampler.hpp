// Looks at a run's processes while they run, from a process of its own.
#pragma once

#include <memory>

#include "history/resource_use.hpp"
#include "support/files.hpp"

namespace amltrain {

/// From its construction to its end it looks at all that descends from this process, but for what was there
/// before: at first often, then every two seconds, and never more than half a percent of the time. A driver
/// or a disk on which it hangs keeps nobody waiting, since the figures lie in memory that both processes
/// share.
class ResourceSampler {
 public:
  /// Forks; in a process with one thread, before the worker is started.
  ResourceSampler();

  /// What was seen so far: all but the time on the CPU.
  ResourceUse seen() const;
  /// The time on the CPU that looking took, seconds.
  double own_cpu_seconds() const;

 private:
  struct Figures;
  struct Unmap {
    void operator()(Figures* figures) const;
  };
  std::unique_ptr<Figures, Unmap> figures_;
  Fd pipe_;  // its end tells the other process to go
};

}  // namespace amltrain
