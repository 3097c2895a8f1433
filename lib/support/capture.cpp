#include "support/capture.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "support/error.hpp"
#include "support/pipe.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;

/// All there is up to the end of the pipe; absent past a limit.
std::optional<std::string> read_to_end(int pipe, std::size_t most_bytes, Clock::time_point deadline) {
  std::string text;
  std::array<char, 65536> piece{};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return std::nullopt;
    pollfd readable{pipe, POLLIN, 0};
    const int ready = poll(&readable, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) throw_errno("cannot wait for a pipe");
    if (ready <= 0) continue;
    const ssize_t count = read(pipe, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("cannot read a pipe");
    if (count == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(count));
    if (text.size() > most_bytes) return std::nullopt;
  }
}

}  // namespace

std::optional<Captured> capture(Command command, std::size_t most_bytes, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  Pipe pipe;
  // start_process() opens it again in this process, so that the child gets the pipe as any other file.
  command.stdout_file = "/proc/self/fd/" + std::to_string(pipe.write_end.get());
  command.new_process_group = true;
  const pid_t child = start_process(command);
  pipe.write_end.reset();
  auto text = read_to_end(pipe.read_end.get(), most_bytes, deadline);
  if (!text) kill(-child, SIGKILL);
  const ExitStatus status = wait_for(child);
  if (!text) return std::nullopt;
  return Captured{std::move(*text), status};
}

}  // namespace amltrain
