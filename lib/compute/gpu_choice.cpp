#include "compute/gpu_choice.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "support/text.hpp"

namespace amltrain {
namespace {

std::string content_of(pid_t pid, const char* name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What it was started with; empty when that can't be read: it is another user's, or has gone.
std::string environment_of(pid_t pid) { return content_of(pid, "environ"); }

/// "process 4711 (python3)"
std::string describe(pid_t pid) {
  const std::string name = content_of(pid, "comm");
  return "process " + std::to_string(pid) +
         (name.empty() ? "" : " (" + name.substr(0, name.find('\n')) + ")");
}

}  // namespace

GpuChoice choose_gpus(const ComputeTarget& target, const std::vector<GpuUse>& use,
                      const std::function<bool(pid_t)>& is_stranger) {
  GpuChoice choice;
  std::vector<std::string> busy;
  for (const GpuUse& gpu : use) {
    const bool wanted = target.gpus.empty() ||
                        std::find(target.gpus.begin(), target.gpus.end(), gpu.index) != target.gpus.end();
    if (!wanted) continue;
    const auto stranger = std::find_if(gpu.processes.begin(), gpu.processes.end(), is_stranger);
    if (stranger == gpu.processes.end())
      choice.gpus.push_back(gpu.index);
    else
      busy.push_back("GPU " + std::to_string(gpu.index) + " is used by " + describe(*stranger));
  }
  if (busy.empty()) return {target.gpus, ""};
  if (target.gpus.empty() && !choice.gpus.empty()) return choice;
  return {{}, join(busy, ", ")};
}

GpuChoice choose_gpus(const ComputeTarget& target, const std::vector<std::string>& runs) {
  if (target.inventory.gpus.empty()) return {target.gpus, ""};  // the driver need not be asked
  return choose_gpus(target, list_gpu_use(), [&](pid_t pid) {
    const std::string environment = environment_of(pid);
    if (environment.empty() && content_of(pid, "stat").empty()) return runs.empty();
    return std::none_of(runs.begin(), runs.end(), [&](const std::string& run) {
      return environment.find("AMLTRAIN_RUN_ID=" + run + '\0') != std::string::npos;
    });
  });
}

}  // namespace amltrain
