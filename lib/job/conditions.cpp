#include "job/conditions.hpp"

#include <sys/utsname.h>

#include <charconv>
#include <cstdlib>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"

namespace amltrain {
namespace {

constexpr const char* kSchema = "amltrain.conditions/1";

/// What changes the order of sums, the choice of kernels and devices, or what is loaded.
constexpr const char* kVariables[] = {"ATEN_CPU_CAPABILITY",
                                      "CUBLAS_WORKSPACE_CONFIG",
                                      "CUDA_DEVICE_ORDER",
                                      "CUDA_VISIBLE_DEVICES",
                                      "DNNL_MAX_CPU_ISA",
                                      "LC_ALL",
                                      "LD_LIBRARY_PATH",
                                      "LD_PRELOAD",
                                      "MKL_CBWR",
                                      "MKL_NUM_THREADS",
                                      "NVIDIA_TF32_OVERRIDE",
                                      "OMP_NUM_THREADS",
                                      "ONEDNN_MAX_CPU_ISA",
                                      "OPENBLAS_NUM_THREADS",
                                      "PYTHONHASHSEED",
                                      "TZ"};

std::map<std::string, std::string> variables_of(const Command& command) {
  std::map<std::string, std::string> variables;
  for (const char* name : kVariables) {
    const auto own = command.environment.find(name);
    const char* inherited = std::getenv(name);
    if (own != command.environment.end())
      variables[name] = own->second;
    else if (inherited != nullptr)
      variables[name] = inherited;
  }
  return variables;
}

std::string kernel_release() {
  utsname system{};
  return uname(&system) == 0 ? system.release : "";
}

/// Of the loaded kernel module; there on any machine where its GPUs can be used.
std::string gpu_driver_version() {
  try {
    std::string version = read_file("/sys/module/nvidia/version");
    while (!version.empty() && version.back() == '\n') version.pop_back();
    return version;
  } catch (const Error&) {
    return "";
  }
}

std::int64_t seed_of(const std::vector<std::string>& arguments) {
  std::int64_t seed = kDefaultSeed;
  const std::string value = value_of_option(arguments, "--seed");
  std::from_chars(value.data(), value.data() + value.size(), seed);  // the trainer refuses what is no number
  return seed;
}

}  // namespace

void to_json(json& out, const Conditions& conditions) {
  const auto or_null = [](const std::string& text) { return text.empty() ? json(nullptr) : json(text); };
  json machine = conditions.machine;
  machine["kernel"] = or_null(conditions.kernel);
  machine["gpu_driver"] = or_null(conditions.gpu_driver);
  out = {{"schema", kSchema},
         {"command", conditions.command},
         {"seed", conditions.seed ? json(*conditions.seed) : json(nullptr)},
         {"threads", conditions.threads},
         {"variables", conditions.variables},
         {"machine", std::move(machine)},
         {"software",
          {{"amltrain", conditions.version},
           {"program_sha256", conditions.program_sha256},
           {"torch", or_null(conditions.torch)},
           {"engine_sha256", or_null(conditions.engine_sha256)}}}};
  if (!conditions.hosts.empty()) out["hosts"] = conditions.hosts;
}

Conditions take_conditions(const JobDefinition& job, const ComputeTarget& target, const std::string& expanded,
                           const Worker& worker, const Inventory& machine) {
  Conditions taken;
  taken.command = expanded;
  taken.machine = machine;
  taken.kernel = kernel_release();
  taken.gpu_driver = gpu_driver_version();
  taken.hosts = target.hosts;
  taken.threads = target.threads;
  taken.version = AMLTRAIN_VERSION;
  taken.program_sha256 = sha256_of_file("/proc/self/exe");  // that runs, whatever lies at its path by now
  taken.variables = variables_of(worker.command);
  if (const auto arguments = trainer_arguments(job)) {
    taken.seed = seed_of(*arguments);
    taken.torch = AMLTRAIN_TORCH_VERSION;
    const auto engine = installed_path("lib/libamltrain_engine.so");
    std::error_code absent;
    if (std::filesystem::exists(engine, absent)) taken.engine_sha256 = sha256_of_file(engine);
  }
  return taken;
}

}  // namespace amltrain
