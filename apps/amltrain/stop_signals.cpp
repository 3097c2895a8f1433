#include "stop_signals.hpp"

#include <csignal>

namespace amltrain::cli {
namespace {

// A signal handler has nowhere else to leave its note.
volatile std::sig_atomic_t noted_signal = 0;

void note(int number) { noted_signal = number; }

void install(void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

StopSignals::StopSignals() {
  noted_signal = 0;
  install(note,
          static_cast<int>(SA_RESETHAND));  // no SA_RESTART: blocking calls return and the request is seen
}

StopSignals::~StopSignals() { install(SIG_DFL, 0); }

int StopSignals::received() const { return noted_signal; }

}  // namespace amltrain::cli
