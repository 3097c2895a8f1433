#include "progress_line.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>

#include "support/text.hpp"
#include "trainer_log.hpp"

namespace amltrain::cli {
namespace {

std::size_t terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

}  // namespace

ProgressLine::ProgressLine() : terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (shown_) std::cerr << '\n';
}

void ProgressLine::clear() {
  if (shown_) std::cerr << "\r\x1b[K";
  shown_ = false;
}

void ProgressLine::in_place(const std::string& text) {
  clear();
  std::cerr << text.substr(0, terminal_columns() - 1) << std::flush;  // a wrapped line could not be rewritten
  shown_ = true;
}

void ProgressLine::line(const std::string& text) {
  clear();
  std::cerr << text << '\n';
}

void ProgressLine::log_line(const std::string& text) {
  if (terminal_ && is_progress(text)) {
    in_place(text);
  } else {
    line(text);
  }
}

void ProgressLine::transfer(std::uint64_t done, std::uint64_t total) {
  if (!terminal_) return;
  std::string text = human_bytes(done);
  if (total > 0) {
    text += " of " + human_bytes(total) + " (" + std::to_string(done * 100 / total) + " %)";
  }
  in_place(text);
}

}  // namespace amltrain::cli
