#include "job/run_keeper.hpp"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "history/settling.hpp"
#include "job/definition.hpp"
#include "job/process_keeper.hpp"
#include "support/error.hpp"

namespace amltrain {

RunKeeper::RunKeeper() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw_errno("cannot make a socket");
  supervisors_end_ = Fd(ends[0]);
  keepers_end_ = Fd(ends[1]);
  supervisor_ = fork();
  if (supervisor_ < 0)
    throw Error(category::environment, "cannot start a process", "check the limits on processes (ulimit -u)");
  if (supervisor_ > 0) {
    supervisors_end_.reset();
    prctl(PR_SET_NAME, "amltrain-keeper");
    return;
  }
  keepers_end_.reset();
  setpgid(0, 0);
}

void RunKeeper::hold(const std::vector<int>& lock_fds) const {
  // unix(7), SCM_RIGHTS: a descriptor on its way is an open file, and nobody takes these out.
  const std::size_t bytes = lock_fds.size() * sizeof(int);
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostSlots * sizeof(int))> control{};
  char byte = 0;
  iovec content{&byte, 1};
  msghdr message{};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = CMSG_SPACE(bytes);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(bytes);
  std::memcpy(CMSG_DATA(header), lock_fds.data(), bytes);
  ssize_t sent = 0;
  do sent = sendmsg(supervisors_end_.get(), &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  // A keeper that was killed holds nothing; the run goes on without.
  if (sent < 0 && errno != ECONNREFUSED && errno != EPIPE && errno != ECONNRESET && errno != ENOTCONN)
    throw_errno("cannot hand a lock on");
}

ExitStatus RunKeeper::attend() const {
  ProcessKeeper processes;
  const ExitStatus end = processes.attend_supervisor(supervisor_);
  processes.end_descendants();
  return end;
}

void RunKeeper::keep(RunWriter& run) const {
  ProcessKeeper processes;  // to the end: signals don't end this process before the run's end is recorded
  Evidence seen;
  seen.supervisor_end = processes.attend_supervisor(supervisor_);
  processes.end_descendants();
  end_lost_run(run, seen);
}

}  // namespace amltrain
