// The events of one run, or of all, as they are recorded.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "history/run_store.hpp"

namespace amltrain {

struct FedEvent {
  RunId run;
  Event event;
};
void to_json(json& out, const FedEvent& fed);  // the event's fields after "run"

class EventFeed {
 public:
  /// Of the run `only`, else of all that there are and will be.
  EventFeed(const Workspace& workspace, std::optional<RunId> only);

  /// What was recorded since the last call, in order of time. Runs whose supervisor is gone are settled. Of
  /// all runs a damaged one is left out; of one it throws Error{bad_input}.
  std::vector<FedEvent> next();
  /// Nothing will come any more: the one run has ended.
  bool ended() const;
  /// Until something may have been recorded, or `patience` has passed.
  void wait(std::chrono::milliseconds patience);

 private:
  struct Seen {
    std::size_t events = 0;
    bool ended = false;
    bool watched = false;
  };
  void take(const RunId& run, Seen& seen, std::vector<FedEvent>& out);

  const Workspace& workspace_;
  std::optional<RunId> only_;
  std::map<RunId, Seen> runs_;
  Fd inotify_;  // absent: the user's limit is reached, and wait() polls
};

}  // namespace amltrain
