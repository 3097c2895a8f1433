#include "job/likely_cause.hpp"

#include <array>
#include <csignal>

namespace amltrain {
namespace {

struct Known {
  std::string_view words, cause;
};

constexpr std::array kKnown{
    Known{"CUDA out of memory", "gpu_out_of_memory"},
    Known{"CUDA error: out of memory", "gpu_out_of_memory"},
    Known{"torch.OutOfMemoryError", "gpu_out_of_memory"},
    Known{"MemoryError", "out_of_memory"},
    Known{"std::bad_alloc", "out_of_memory"},
    Known{"Cannot allocate memory", "out_of_memory"},
    Known{"can't allocate memory", "out_of_memory"},
    Known{"No space left on device", "disk_full"},
    Known{"Disk quota exceeded", "disk_full"},
    Known{"insufficient shared memory", "shared_memory_full"},
    Known{"ModuleNotFoundError: No module named", "module_not_found"},
    Known{"error while loading shared libraries", "library_not_found"},
    Known{"Found no NVIDIA driver", "no_gpu"},
    Known{"no CUDA-capable device", "no_gpu"},
    Known{"CUDA driver version is insufficient", "no_gpu"},
    Known{"Temporary failure in name resolution", "no_network"},
    Known{"Could not resolve host", "no_network"},
    Known{"Network is unreachable", "no_network"},
    Known{"Connection refused", "no_network"},
    Known{"Address already in use", "port_in_use"},
    Known{"Too many open files", "too_many_files"},
    Known{"Permission denied", "permission_denied"},
    Known{"No such file or directory", "file_not_found"},
};

struct Advice {
  std::string_view cause, hint;
};

constexpr std::array kAdvice{
    Advice{"gpu_out_of_memory", "try a smaller batch size, or images in lower precision"},
    Advice{"out_of_memory", "try a smaller batch size or fewer workers, or give it more memory"},
    Advice{"disk_full", "make room on the file system that its message names, then submit it again"},
    Advice{"shared_memory_full", "give /dev/shm more room, or use fewer loader workers"},
    Advice{"module_not_found", "install the module for the Python that the run uses"},
    Advice{"library_not_found",
           "install the library that the message names, or add its folder to LD_LIBRARY_PATH"},
    Advice{"no_gpu", "run on a machine with a GPU and its driver, or let the program use the CPU"},
    Advice{"no_network", "look whether the machine reaches the address that the message names"},
    Advice{"port_in_use", "another process listens there: set MASTER_PORT, or end that process"},
    Advice{"too_many_files", "raise the limit on open files (ulimit -n), or use fewer workers"},
    Advice{"permission_denied", "look at the permissions of the file that the message names"},
    Advice{"file_not_found", "look whether the path that the message names is there as the run sees it"},
    Advice{
        "killed",
        "killed from outside, or by the kernel for want of memory (dmesg says so): try a smaller batch size"},
    Advice{"bus_error", "a file was cut while mapped, or the disk or /dev/shm is full"},
    Advice{"crash", "the program crashed; its log may say where"},
    Advice{"signal", "the signal came from outside the run"},
    Advice{"command_not_found", "the shell did not find the command: is it installed and in PATH?"},
    Advice{"not_executable", "the file was found but can't be run: is it executable?"},
};

LikelyCause with_advice(std::string_view cause) {
  for (const Advice& advice : kAdvice) {
    if (advice.cause == cause) return {std::string(cause), std::string(advice.hint)};
  }
  return {std::string(cause), ""};
}

}  // namespace

std::optional<LikelyCause> cause_in(std::string_view text) {
  const Known* last = nullptr;
  std::size_t last_at = 0;
  for (const Known& known : kKnown) {
    const std::size_t at = text.rfind(known.words);
    if (at == std::string_view::npos || (last != nullptr && at < last_at)) continue;
    last = &known;
    last_at = at;
  }
  if (last == nullptr) return std::nullopt;
  return with_advice(last->cause);
}

LikelyCause cause_of(const ExitStatus& status) {
  const bool told_by_shell = status.signal == 0 && status.code > 128 && status.code <= 128 + 64;
  switch (told_by_shell ? status.code - 128 : status.signal) {
    case SIGKILL:
      return with_advice("killed");
    case SIGBUS:
      return with_advice("bus_error");
    case SIGSEGV:
    case SIGABRT:
    case SIGILL:
    case SIGFPE:
      return with_advice("crash");
    case 0:
      break;
    default:
      return with_advice("signal");
  }
  if (status.code == 127) return with_advice("command_not_found");
  if (status.code == 126) return with_advice("not_executable");
  return with_advice("exit_code");
}

}  // namespace amltrain
