// Work of the supervisor that may take long, in a process of its own: it can be ended at any moment.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "support/files.hpp"
#include "support/process.hpp"

namespace amltrain {

class Errand {
 public:
  /// What the child has open of its parent's. Locks are shared by a fork: a child that hangs in a driver
  /// would hold the run's lock and slot for ever, so one that asks a driver keeps nothing.
  enum class Keeps { everything, nothing };

  /// Forks; the caller has one thread. The child leads a process group and dies with its parent.
  explicit Errand(const std::function<std::string()>& work, Keeps keeps = Keeps::everything);

  pid_t pid() const { return pid_; }
  /// What `work` returned, at most 60 KB, once the child has ended with `status`; throws the Error it threw.
  std::string result(const ExitStatus& status) const;

 private:
  pid_t pid_ = -1;
  Fd answer_;
};

}  // namespace amltrain
