#include "engine/train/checkpoint_writer.hpp"

namespace amltrain::engine {

CheckpointWriter::CheckpointWriter(std::filesystem::path folder) : folder_(std::move(folder)) {
  if (enabled()) prepare_checkpoint_folder(folder_);
}

bool CheckpointWriter::busy() const {
  return in_flight_.valid() && in_flight_.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
}

void CheckpointWriter::wait() {
  if (in_flight_.valid()) in_flight_.get();
}

void CheckpointWriter::write(Checkpoint checkpoint) {
  wait();
  in_flight_ = std::async(std::launch::async, [folder = folder_, checkpoint = std::move(checkpoint)] {
    write_checkpoint(folder, checkpoint);
  });
}

}  // namespace amltrain::engine
