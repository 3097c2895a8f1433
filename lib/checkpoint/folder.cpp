#include "checkpoint/folder.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstring>
#include <set>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/regular_file.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTensors = ".safetensors";
constexpr const char* kDocument = ".json";
constexpr const char* kBest = "best-";

/// Whether it is ours to remove: the folder may hold other files of the user's.
bool is_of_checkpoint(const std::string& file) {
  return (file.starts_with("epoch-") && file.find("-step-") != std::string::npos) ||
         (file.starts_with(kBest) && std::isdigit(static_cast<unsigned char>(file[std::strlen(kBest)])));
}

/// Names of the files of checkpoints with that ending, sorted.
std::vector<std::string> files_in(const fs::path& folder, const char* ending) {
  std::vector<std::string> names;
  std::error_code absent;
  for (fs::directory_iterator item(folder, absent); !absent && item != fs::directory_iterator();
       item.increment(absent)) {
    const fs::path name = item->path().filename();
    if (is_of_checkpoint(name.native()) && name.extension() == ending) names.push_back(name.string());
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

/// A damaged document names nothing: it will never be read either.
std::vector<CheckpointPart> parts_of(const fs::path& document) {
  try {
    return read_checkpoint_document(document).parts;
  } catch (const Error&) {
    return {};
  }
}

void copy_content(const fs::path& from, const fs::path& to) {
  AtomicFile out(to);
  read_pieces(open_regular(from, O_RDONLY).get(), from,
              [&](std::span<const std::byte> piece) { out.write(piece); });
  out.commit();
}

}  // namespace

std::string checkpoint_name(int epoch, std::int64_t steps) {
  char name[48];
  std::snprintf(name, sizeof name, "epoch-%06d-step-%010lld", epoch, static_cast<long long>(steps));
  return name;
}

std::vector<std::string> checkpoint_names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const std::string& file : files_in(folder, kDocument)) names.push_back(fs::path(file).stem().string());
  return names;
}

fs::path checkpoint_document_file(const fs::path& folder, const std::string& name) {
  return folder / (name + kDocument);
}

std::string checkpoint_tensors_name(const std::string& name) { return name + kTensors; }

std::string best_tensors_name(int epoch, int copy) {
  char name[48];
  std::snprintf(name, sizeof name, "%s%06d-%c%s", kBest, epoch, "ab"[copy], kTensors);
  return name;
}

void prepare_checkpoint_folder(const fs::path& folder) {
  create_folders(folder);
  std::vector<fs::path> left;
  for (const fs::directory_entry& item : fs::directory_iterator(folder))
    if (is_temporary_name(item.path().filename().native())) left.push_back(item.path());
  for (const fs::path& file : left) remove_file(file);
}

void keep_last_checkpoints(const fs::path& folder, const std::string& written) {
  const std::vector<std::string> names = checkpoint_names(folder);
  const auto here = std::find(names.begin(), names.end(), written);
  const std::string before = here == names.begin() || here == names.end() ? written : *(here - 1);
  std::set<std::string> needed;
  for (const std::string& name : {written, before})
    for (const CheckpointPart& part : parts_of(checkpoint_document_file(folder, name)))
      needed.insert(part.file);
  // Documents first: one without its tensors would be taken for damaged.
  for (const std::string& name : names)
    if (name != written && name != before) remove_file(checkpoint_document_file(folder, name));
  for (const std::string& file : files_in(folder, kTensors))
    if (!needed.contains(file)) remove_file(folder / file);
}

void share_checkpoints(const fs::path& from, const fs::path& to) {
  create_folders(to);
  for (const char* ending : {kTensors, kDocument}) {
    for (const std::string& file : files_in(from, ending)) {
      if (link((from / file).c_str(), (to / file).c_str()) != 0) copy_content(from / file, to / file);
    }
  }
  sync_folder(to);
}

}  // namespace amltrain
