#include "job/record_conditions.hpp"

#include "job/conditions.hpp"
#include "job/errand.hpp"
#include "job/gpu_wish.hpp"
#include "support/sealed.hpp"

namespace amltrain {

void record_conditions(const RunWriter& run, const JobDefinition& job, const ComputeTarget& target,
                       const Prepared& prepared, const Worker& worker, ProcessKeeper& keeper,
                       const std::function<void()>& throw_if_stopped) {
  const auto take = [&](const Inventory& machine) {
    const auto& environment = prepared.environment;
    json taken = take_conditions(job, target, prepared.command, worker, machine);
    taken["run"] = run.definition().id;
    taken["environment"] = environment ? environment_conditions(environment->environment)
                                       : python_conditions(prepared.command, worker.command);
    if (!prepared.input_fingerprints.empty()) taken["inputs"] = prepared.input_fingerprints;
    return taken;
  };
  const Errand asking([&] { return sealed_text(take(take_inventory())); }, Errand::Keeps::nothing);
  const auto status = keeper.await(asking.pid(), kDriverPatience);
  throw_if_stopped();
  if (status) return publish_file(run.paths().conditions(), asking.result(*status));
  const Errand without_gpus([&] {
    json taken = take(take_inventory_without_gpus());
    taken["machine"]["gpus"] = nullptr;  // not known
    return sealed_text(taken);
  });
  const ChildEnd end = keeper.attend(without_gpus.pid(), {}, std::chrono::seconds(0), [] {});
  throw_if_stopped();
  publish_file(run.paths().conditions(), without_gpus.result(end.status));
}

}  // namespace amltrain
