#include "dataset/lock.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/parallel.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSchema = "amltrain.data-lock/1";
constexpr std::size_t kNamed = 5;  // files of each kind in an error

std::vector<HashedFile> hashes_of(const DataLock& lock) {
  std::vector<HashedFile> files;
  for (const LockedFile& locked : lock.files) files.push_back(locked.file);
  return files;
}

DataLock parse_lock(const json& in) {
  DataLock lock;
  lock.fingerprint = field<std::string>(in, "fingerprint");
  for (const json& file : field<json>(in, "files"))
    lock.files.push_back({parse_hashed_file(file), field<std::string>(file, "label")});
  return lock;
}

/// What lies there other than the locked files; throws as scan_image_folder() does.
std::vector<std::string> find_extra(const DataLock& lock, const fs::path& root) {
  std::set<std::string_view> known;
  for (const LockedFile& locked : lock.files) known.insert(locked.file.path);
  std::vector<std::string> extra;
  const ImageFolder folder = scan_image_folder(root);
  for (const Split* split : {&folder.train, &folder.val})
    for (const Sample& sample : split->samples)
      if (!known.contains(sample.path)) extra.push_back(sample.path);
  return extra;
}

/// Absent: as locked. Links are followed, as the trainer follows them.
std::optional<FileFault> fault_of(const HashedFile& file, const fs::path& root, Depth depth) {
  std::error_code problem;
  const std::uintmax_t size = fs::file_size(root / file.path, problem);
  if (problem == std::errc::no_such_file_or_directory || problem == std::errc::not_a_directory)
    return FileFault{file.path, "missing"};
  if (problem) throw_errno("can't read " + (root / file.path).string(), problem.value());
  if (size != file.bytes)
    return FileFault{file.path, "has " + std::to_string(size) + " bytes, not " + std::to_string(file.bytes)};
  if (depth == Depth::content && sha256_of_file(root / file.path) != file.sha256)
    return FileFault{file.path, "content changed"};
  return std::nullopt;
}

std::string name_some(const std::vector<std::string>& paths, const std::string& what) {
  std::vector<std::string> first(paths.begin(),
                                 paths.begin() + static_cast<std::ptrdiff_t>(std::min(kNamed, paths.size())));
  if (paths.size() > kNamed) first.push_back("...");
  return std::to_string(paths.size()) + " " + what + " (" + join(first, ", ") + ")";
}

}  // namespace

void to_json(json& out, const DataLock& lock) {
  out = {{"schema", kSchema}, {"fingerprint", lock.fingerprint}, {"files", json::array()}};
  for (const LockedFile& locked : lock.files) {
    json file = locked.file;
    file["label"] = locked.label;
    out["files"].push_back(std::move(file));
  }
}

std::string to_text(const DataLock& lock) { return json(lock).dump(1) + "\n"; }

DataLock lock_data(const ImageFolder& folder) {
  std::map<std::string_view, int> label_of;
  for (const Split* split : {&folder.train, &folder.val})
    for (const Sample& sample : split->samples) label_of.emplace(sample.path, sample.label);
  DataLock lock;
  const std::vector<HashedFile> files = hash_samples(folder);
  lock.fingerprint = fingerprint(files);
  for (const HashedFile& file : files)
    lock.files.push_back({file, folder.classes[static_cast<std::size_t>(label_of.at(file.path))]});
  return lock;
}

void write_lock(const DataLock& lock, const fs::path& target, Existing existing) {
  const std::string text = to_text(lock);
  if (existing == Existing::keep && fs::exists(target)) {
    if (fs::is_regular_file(target) && read_file(target) == text) return;
    throw Error(category::conflict, target.string() + " is there already, and says otherwise",
                "see what differs with: amltrain data verify; replace it with --force");
  }
  publish_file(target, text);
}

DataLock read_lock(const fs::path& file) {
  if (!fs::exists(file))
    throw Error(category::not_found, "no lock " + file.string(), "make one with: amltrain data lock");
  DataLock lock = parse_lock(read_document(file, kSchema));
  if (fingerprint(hashes_of(lock)) != lock.fingerprint)
    throw Error(category::bad_input,
                file.string() + " was changed by hand: its files don't have its fingerprint",
                "bring back the original, or make a new one with: amltrain data lock --force");
  return lock;
}

LockDifference compare(const DataLock& lock, const fs::path& root, Depth depth) {
  std::vector<std::optional<FileFault>> faults(lock.files.size());
  for_each_in_parallel(faults.size(), static_cast<int>(std::thread::hardware_concurrency()),
                       [&](std::size_t i) { faults[i] = fault_of(lock.files[i].file, root, depth); });
  LockDifference difference;
  for (const auto& fault : faults) {
    if (!fault) continue;
    if (fault->problem == "missing")
      difference.missing.push_back(fault->path);
    else
      difference.changed.push_back(*fault);
  }
  try {
    difference.extra = find_extra(lock, root);
  } catch (const Error& problem) {
    if (difference.missing.empty()) throw;
  }
  return difference;
}

std::string require_locked(const fs::path& lock_file, const fs::path& root, Depth depth) {
  const DataLock lock = read_lock(lock_file);
  LockDifference difference = compare(lock, root, Depth::sizes);
  if (difference.none() && depth == Depth::content) difference = compare(lock, root, Depth::content);
  if (!difference.none())
    throw Error(category::bad_input,
                "the data in " + root.string() + " is not as locked: " + describe(difference),
                "bring it back, or if this is how it should be: amltrain data lock --force");
  return lock.fingerprint;
}

std::string describe(const LockDifference& difference) {
  std::vector<std::string> changed, parts;
  for (const FileFault& fault : difference.changed) changed.push_back(fault.path);
  if (!difference.missing.empty()) parts.push_back(name_some(difference.missing, "missing"));
  if (!changed.empty()) parts.push_back(name_some(changed, "changed"));
  if (!difference.extra.empty()) parts.push_back(name_some(difference.extra, "extra"));
  return join(parts, ", ");
}

}  // namespace amltrain
