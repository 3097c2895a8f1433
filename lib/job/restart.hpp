// Whether starting a worker again can help, and when. Pure.
#pragma once

#include <chrono>

#include "history/run.hpp"
#include "job/process_keeper.hpp"

namespace amltrain {

/// True when the worker died of a signal that the supervisor did not send, or of a fault of the machine: its
/// next start may go better. A bad input, a diverged loss or any other answer of the program would come
/// again; a cancel or the time limit is meant.
bool is_restartable(const ChildEnd& end, const Failure& failure);

/// None after a signal; after a fault of the machine, which may take its time to pass, 1, 2, 4, ... 60
/// seconds with the number of restarts done.
std::chrono::seconds pause_before_restart(const Failure& failure, int restarts);

}  // namespace amltrain
