#include "engine/train/checkpoint_store.hpp"

#include <fcntl.h>

#include "checkpoint/folder.hpp"
#include "engine/exchange/formats.hpp"
#include "engine/exchange/safetensors_image.hpp"
#include "support/checksum.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/unbuffered.hpp"

namespace amltrain::engine {
namespace {

namespace fs = std::filesystem;

CheckpointPart write_part(const fs::path& folder, const std::string& name, std::span<const std::byte> bytes) {
  const fs::path file = folder / name;
  AtomicFile out(file);
  write_unbuffered(out.fd(), bytes, file);
  out.commit();
  Checksum sum;
  if (!reads_back(file, bytes, sum))
    throw Error(category::environment, file.string() + " does not read back as it was written",
                "the disk or its driver is failing: look at the kernel's log");
  return {name, bytes.size(), sum.finish()};
}

StateDict read_part(const fs::path& folder, const CheckpointPart& part) {
  const fs::path file = folder / part.file;
  if (checksum_of_file(file) != part.checksum)
    throw Error(category::bad_input, file.string() + ": its content is not what its hash says");
  return read_weights(file);
}

StoredCheckpoint read_checkpoint(const fs::path& folder, const std::string& name) {
  const fs::path file = checkpoint_document_file(folder, name);
  const CheckpointDocument document = read_checkpoint_document(file);
  StoredCheckpoint stored{parse_checkpoint(document.state), {}, {}, {}};
  for (const CheckpointPart& part : document.parts) {
    const bool is_best = part.file != checkpoint_tensors_name(name);
    (is_best ? stored.best : stored.tensors) = read_part(folder, part);
    if (is_best) stored.best_part = part;
  }
  return stored;
}

/// The checkpoint must not be on disk before the metrics that it says are there.
void sync_metrics(const fs::path& file) {
  const Fd metrics(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (metrics) sync_file(metrics.get(), file);
}

}  // namespace

std::optional<StoredCheckpoint> read_newest_checkpoint(const fs::path& folder, const Say& say) {
  const std::vector<std::string> names = checkpoint_names(folder);
  std::string last_problem;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    try {
      return read_checkpoint(folder, *name);
    } catch (const Error& problem) {
      if (problem.kind() != category::bad_input && problem.kind() != category::not_found) throw;
      last_problem = problem.what();
      say("checkpoint " + *name + " is damaged and left out: " + last_problem);
    }
  }
  if (names.empty()) return std::nullopt;
  throw Error(category::bad_input, "no checkpoint in " + folder.string() + " is whole: " + last_problem,
              "begin without --resume and with another --checkpoint-dir");
}

CheckpointStore::CheckpointStore(const fs::path& folder)
    : folder_((create_folders(folder), folder)),
      lock_(lock_checkpoint_folder(folder, patience_with_last_writer())) {
  prepare_checkpoint_folder(folder_);
}

void CheckpointStore::know_best(int epoch, CheckpointPart part) {
  const std::size_t copy = part.file == best_tensors_name(epoch, 0) ? 0 : 1;
  best_[copy] = {epoch, std::move(part)};
  copy_ = 1 - copy;
}

const CheckpointPart& CheckpointStore::write_best(int epoch, const StateDict& weights) {
  std::optional<Best>& best = best_[copy_];
  if (!best || best->epoch != epoch) {
    SafetensorsImage image;
    image.fill(weights, SafetensorsImage::Threads::one);  // the others belong to the step
    best = {epoch, write_part(folder_, best_tensors_name(epoch, static_cast<int>(copy_)), image.bytes())};
  }
  copy_ = 1 - copy_;
  return best->part;
}

void CheckpointStore::write(const Checkpoint& checkpoint, std::span<const std::byte> tensors,
                            const StateDict& best) {
  const std::string name = checkpoint_name(checkpoint.at.epoch, checkpoint.summary.steps);
  CheckpointDocument document;
  if (!tensors.empty()) document.parts.push_back(write_part(folder_, checkpoint_tensors_name(name), tensors));
  if (checkpoint.best) document.parts.push_back(write_best(checkpoint.summary.best_epoch, best));
  document.state = to_document(checkpoint);
  if (!checkpoint.metrics.file.empty()) sync_metrics(checkpoint.metrics.file);
  write_checkpoint_document(checkpoint_document_file(folder_, name), document);
  keep_last_checkpoints(folder_, name);
}

}  // namespace amltrain::engine
