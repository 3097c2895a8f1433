#include "job/likely_cause.hpp"

#include <catch2/catch.hpp>
#include <csignal>

namespace amltrain {

TEST_CASE("words known from logs name the likely cause, the last of them where there are several", "[job]") {
  const auto [text, name] = GENERATE(table<std::string, std::string>({
      {"torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB", "gpu_out_of_memory"},
      {"numpy.core._exceptions.MemoryError: Unable to allocate", "out_of_memory"},
      {"OSError: [Errno 28] No space left on device: 'x'", "disk_full"},
      {"ModuleNotFoundError: No module named 'torchvision'", "module_not_found"},
      {"cat: x: No such file or directory\nOSError: [Errno 98] Address already in use\nbye", "port_in_use"},
      {"OSError: [Errno 98] Address already in use\ncat: x: No such file or directory\n", "file_not_found"},
  }));
  CAPTURE(text);
  const auto cause = cause_in(text);
  REQUIRE(cause);
  CHECK(cause->name == name);
  CHECK_FALSE(cause->hint.empty());
}

TEST_CASE("words that tell of no cause name none", "[job]") {
  CHECK_FALSE(cause_in(""));
  CHECK_FALSE(cause_in("epoch 3, val_acc 0.9\nassertion failed"));
}

TEST_CASE("how a process ended is a cause, also when a shell tells of it", "[job]") {
  CHECK(cause_of({0, SIGKILL}).name == "killed");
  CHECK(cause_of({128 + SIGKILL, 0}).name == "killed");
  CHECK(cause_of({0, SIGSEGV}).name == "crash");
  CHECK(cause_of({128 + SIGABRT, 0}).name == "crash");
  CHECK(cause_of({0, SIGBUS}).name == "bus_error");
  CHECK(cause_of({0, SIGTERM}).name == "signal");
  CHECK(cause_of({127, 0}).name == "command_not_found");
  CHECK(cause_of({126, 0}).name == "not_executable");
  CHECK(cause_of({3, 0}).name == "exit_code");
  CHECK(cause_of({255, 0}).name == "exit_code");
  CHECK(cause_of({3, 0}).hint.empty());
}

}  // namespace amltrain
