// The order in which the runs of a compute target get a slot: by priority, then first come, first served.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/lock.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// A run's place in the queue of a compute target. All of it is held by kernel locks, which vanish with their
/// holder: a killed run keeps nobody waiting.
class QueuePlace {
 public:
  /// Takes the number after all that are held: leases/COMPUTE/number-N.lock. `run` is written into the place
  /// for those who read the queue.
  static QueuePlace take_number(const Workspace& workspace, const std::string& compute,
                                const std::string& run, int priority);
  ~QueuePlace();
  QueuePlace(QueuePlace&& other) noexcept;
  QueuePlace& operator=(QueuePlace&&) = delete;

  /// Joins the queue with that number: leases/COMPUTE/place-PRIORITY-N.lock. Until then the place keeps
  /// nobody waiting. Throws Error{conflict} when another process keeps the queue's lock for longer than
  /// `patience`.
  void enter(std::chrono::milliseconds patience = std::chrono::seconds(30));

  /// Leaves the queue, so that those behind are served, and keeps its number for the next enter().
  void leave();

  /// How many of those that have entered are served before this one, which has too; some of them may be gone.
  /// 0: it is served next.
  std::size_t ahead() const;

  /// Says in the place why its run is not served although it is first and slots are free, for those who read
  /// the queue. Only an explanation: a disk that can't take it is no error.
  void note(const std::string& why) const;

 private:
  QueuePlace(std::filesystem::path folder, std::filesystem::path giving, std::string run, int priority,
             long number, FileLock lock);
  std::filesystem::path folder_;  // empty: moved from
  std::filesystem::path giving_;  // the lock under which numbers and places are made and cleared away
  std::string run_;
  int priority_;
  long number_;
  FileLock number_lock_;
  std::optional<FileLock> place_lock_;
};

struct QueuedRun {
  std::string run;
  std::string note;
};
/// Those in the queue, the next one first.
std::vector<QueuedRun> queued_runs(const Workspace& workspace, const std::string& compute);

/// Removes the files of those who are gone; of a target that is being deleted.
void clear_queue(const Workspace& workspace, const std::string& compute);

/// Tells when a slot or a place of a compute target may have come free. A user has few of them
/// (/proc/sys/fs/inotify/max_user_instances).
class QueueWatch {
 public:
  QueueWatch(const Workspace& workspace, const std::string& compute);
  /// Readable after a change (inotify); -1: nothing tells, so look often.
  int fd() const { return inotify_.get(); }
  void drain();

 private:
  Fd inotify_;
};

}  // namespace amltrain
