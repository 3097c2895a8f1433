#include "engine/train/checkpoint_writer.hpp"

#include <sys/resource.h>

#include <ctime>

namespace amltrain::engine {
namespace {

/// Of the calling thread alone (setpriority(2): Linux keeps it by thread). The step needs the processor more;
/// with as much as this a checkpoint is still written in a second on a machine that has no time to spare.
void yield_to_the_step() { setpriority(PRIO_PROCESS, 0, 10); }

std::chrono::duration<double> processor_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

CheckpointWriter::CheckpointWriter(const std::filesystem::path& folder) {
  if (!folder.empty()) store_.emplace(folder);
}

bool CheckpointWriter::busy() {
  if (!in_flight_.valid()) return false;
  if (in_flight_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return true;
  wait();
  return false;
}

void CheckpointWriter::wait() {
  if (in_flight_.valid()) cost_ = in_flight_.get();
}

void CheckpointWriter::write(Checkpoint checkpoint, std::span<const std::byte> tensors, StateDict best) {
  wait();
  in_flight_ = std::async(std::launch::async,
                          [this, checkpoint = std::move(checkpoint), tensors, best = std::move(best)] {
                            yield_to_the_step();
                            store_->write(checkpoint, tensors, best);
                            return processor_time();
                          });
}

}  // namespace amltrain::engine
