#include "job/gpu_wish.hpp"

#include <cstdlib>

#include "job/errand.hpp"
#include "support/json_text.hpp"

namespace amltrain {
namespace {

std::vector<int> gpus_of(const ComputeTarget& target) {
  if (!target.gpus.empty()) return target.gpus;
  std::vector<int> all;
  for (const Gpu& gpu : target.inventory.gpus) all.push_back(gpu.index);
  return all;
}

bool says_which(const JobDefinition& job, const ComputeTarget& target) {
  if (const auto words = trainer_arguments(job); words && value_of_option(*words, "--device") == "cpu")
    return true;
  if (!target.gpus.empty()) return false;
  return job.environment_variables.contains("CUDA_VISIBLE_DEVICES") ||
         std::getenv("CUDA_VISIBLE_DEVICES") != nullptr;
}

}  // namespace

SlotWish slot_wish(const JobDefinition& job, const ComputeTarget& target) {
  SlotWish wish;
  wish.count = job.slots;
  wish.needs_each = !target.gpus.empty();
  if (!says_which(job, target)) wish.gpus = gpus_of(target);
  return wish;
}

std::vector<int> gpus_to_name(const ComputeTarget& target, const std::vector<int>& chosen) {
  if (chosen.empty()) return target.gpus;  // it asked for none
  return target.gpus.empty() && chosen == gpus_of(target) ? std::vector<int>{} : chosen;
}

std::optional<BusyGpus> GpuDriver::ask(ProcessKeeper& keeper, const std::vector<std::string>& runs) {
  if (asking_ && is_alive(*asking_)) return std::nullopt;
  const auto find = [&] {
    json answer = json::array();
    for (const auto& [gpu, user] : find_busy_gpus(runs)) answer.push_back({{"gpu", gpu}, {"user", user}});
    return lossy_text(answer);  // names of processes are any bytes
  };
  const Errand errand(find, Errand::Keeps::nothing);
  asking_ = identify(errand.pid());
  const auto status = keeper.await(errand.pid(), kDriverPatience);
  if (!status || !status->ok()) return std::nullopt;
  BusyGpus busy;
  for (const json& one : parse_json(errand.result(*status), "the answer about the GPUs"))
    busy[field<int>(one, "gpu")] = field<std::string>(one, "user");
  return busy;
}

}  // namespace amltrain
