#include "job/errand.hpp"

#include <unistd.h>

#include <cerrno>

#include "support/error.hpp"
#include "support/json_text.hpp"
#include "support/pipe.hpp"

namespace amltrain {
namespace {

/// Fits a pipe's buffer (64 KiB, pipe(7)), so that the child never waits for a reader.
constexpr std::size_t kMostBytes = 60'000;

json answer_of(const std::function<std::string()>& work) {
  try {
    return {{"result", work()}};
  } catch (const Error& problem) {
    return {{"category", problem.exit_code()}, {"message", problem.what()}, {"hint", problem.hint()}};
  } catch (const std::exception& problem) {
    return {{"category", static_cast<int>(category::internal)}, {"message", problem.what()}, {"hint", ""}};
  }
}

[[noreturn]] void run_in_child(const std::function<std::string()>& work, int answer_fd, pid_t parent) {
  become_helper_of(parent);
  const std::string text = lossy_text(answer_of(work));
  const bool sent = text.size() <= kMostBytes && write(answer_fd, text.data(), text.size()) >= 0;
  _exit(sent ? 0 : 1);
}

}  // namespace

Errand::Errand(const std::function<std::string()>& work, Keeps keeps) {
  Pipe pipe;
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    if (keeps == Keeps::nothing) keep_only(pipe.write_end.get());
    run_in_child(work, pipe.write_end.get(), parent);
  }
  answer_ = std::move(pipe.read_end);
  if (pid_ < 0)
    throw Error(category::environment, "cannot start a process", "check the limits on processes (ulimit -u)");
  setpgid(pid_, pid_);  // both sides do it, so that the group is there whoever runs first
}

std::string Errand::result(const ExitStatus& status) const {
  if (!status.ok())
    throw Error(category::environment, "a helper of the supervisor ended with " + describe(status));
  std::string text(kMostBytes, '\0');
  ssize_t count = 0;
  do count = read(answer_.get(), text.data(), text.size());
  while (count < 0 && errno == EINTR);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  const json answer = parse_json(text, "the answer of a helper");
  if (answer.contains("result")) return field<std::string>(answer, "result");
  throw Error(static_cast<category>(field<int>(answer, "category")), field<std::string>(answer, "message"),
              field<std::string>(answer, "hint"));
}

}  // namespace amltrain
