#include "support/pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "support/error.hpp"

namespace amltrain {

Pipe::Pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("cannot make a pipe");
  read_end = Fd(ends[0]);
  write_end = Fd(ends[1]);
}

}  // namespace amltrain
