#include "engine/train/checkpoint_store.hpp"

#include <algorithm>

#include "engine/exchange/formats.hpp"
#include "engine/train/words.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"

namespace amltrain::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema = "amltrain.checkpoint/1";
constexpr const char* kTensors = ".safetensors";
constexpr const char* kDocument = ".json";
constexpr std::uint64_t kLargestDocument = 1 << 28;

/// In the order of time when sorted: steps alone would not tell the end of a training phase from the end of
/// its validation.
std::string name_of(const Checkpoint& checkpoint) {
  return words("epoch-%06d-step-%010lld", checkpoint.at.epoch,
               static_cast<long long>(checkpoint.summary.steps));
}

/// Names with that ending, oldest first.
std::vector<std::string> names_in(const fs::path& folder, const char* ending) {
  std::vector<std::string> names;
  std::error_code absent;
  for (fs::directory_iterator item(folder, absent); !absent && item != fs::directory_iterator();
       item.increment(absent)) {
    const fs::path name = item->path().filename();
    if (name.native().starts_with("epoch-") && name.extension() == ending)
      names.push_back(name.stem().string());
  }
  if (absent && absent != std::errc::no_such_file_or_directory)
    throw_errno("cannot list " + folder.string(), absent.value());
  std::sort(names.begin(), names.end());
  return names;
}

void remove_file(const fs::path& file) {
  std::error_code problem;
  fs::remove(file, problem);
  if (problem) throw_errno("cannot remove " + file.string(), problem.value());
}

/// Newer ones than `written` are damaged: the training went on from before them.
void keep_last_two(const fs::path& folder, const std::string& written) {
  std::vector<std::string> kept = names_in(folder, kDocument);
  const auto here = std::find(kept.begin(), kept.end(), written);
  const std::string before = here == kept.begin() || here == kept.end() ? written : *(here - 1);
  for (const char* ending : {kDocument, kTensors})
    for (const std::string& name : names_in(folder, ending))
      if (name != written && name != before) remove_file(folder / (name + ending));
}

Checkpoint read_checkpoint(const fs::path& folder, const std::string& name) {
  const fs::path file = folder / (name + kDocument);
  const json document = parse_json(read_file(file, kLargestDocument), file.string());
  require_schema(document, kSchema, file.string());
  const auto state = field<json>(document, "state");
  if (sha256_of(state.dump()) != field<std::string>(document, "sha256"))
    throw Error(category::bad_input, file.string() + ": its content is not what its hash says");
  Checkpoint checkpoint = parse_checkpoint(state);
  const auto tensors_hash = optional_field<std::string>(document, "tensors_sha256");
  if (!tensors_hash) return checkpoint;
  const fs::path tensors = folder / (name + kTensors);
  if (sha256_of_file(tensors) != *tensors_hash)
    throw Error(category::bad_input, tensors.string() + ": its content is not what its hash says");
  checkpoint.tensors = read_weights(tensors);
  return checkpoint;
}

}  // namespace

void write_checkpoint(const fs::path& folder, const Checkpoint& checkpoint) {
  const std::string name = name_of(checkpoint);
  json tensors_hash;
  if (!checkpoint.tensors.entries.empty()) {
    const fs::path file = folder / (name + kTensors);
    const std::string given = write_safetensors(file, checkpoint.tensors, {});
    if (sha256_of_file(file) != given)
      throw Error(category::environment, file.string() + " does not read back as it was written",
                  "the disk or its driver is failing: look at the kernel's log");
    tensors_hash = given;
  }
  json state = to_document(checkpoint);
  const std::string hash = sha256_of(state.dump());
  const json document = {
      {"schema", kSchema}, {"tensors_sha256", tensors_hash}, {"sha256", hash}, {"state", std::move(state)}};
  publish_file(folder / (name + kDocument), document.dump() + "\n");
  keep_last_two(folder, name);
}

std::optional<Checkpoint> read_newest_checkpoint(const fs::path& folder, const Say& say) {
  std::vector<std::string> names = names_in(folder, kDocument);
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

bool has_checkpoints(const fs::path& folder) { return !names_in(folder, kDocument).empty(); }

void prepare_checkpoint_folder(const fs::path& folder) {
  create_folders(folder);
  std::vector<fs::path> left;
  for (const fs::directory_entry& item : fs::directory_iterator(folder))
    if (is_temporary_name(item.path().filename().native())) left.push_back(item.path());
  for (const fs::path& file : left) remove_file(file);
}

}  // namespace amltrain::engine
