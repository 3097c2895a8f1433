// What is read of every file of an image folder: its hash, or whether it decodes.
#include <algorithm>
#include <filesystem>
#include <thread>

#include "image/folder.hpp"
#include "image/image.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/parallel.hpp"

namespace amltrain {
namespace {

std::vector<const Sample*> all_samples(const ImageFolder& folder) {
  std::vector<const Sample*> samples;
  for (const Split* split : {&folder.train, &folder.val})
    for (const Sample& sample : split->samples) samples.push_back(&sample);
  return samples;
}

}  // namespace

std::vector<HashedFile> hash_samples(const ImageFolder& folder) {
  std::vector<const Sample*> samples = all_samples(folder);
  std::sort(samples.begin(), samples.end(),
            [](const Sample* a, const Sample* b) { return a->path < b->path; });
  std::vector<HashedFile> files(samples.size());
  for_each_in_parallel(samples.size(), static_cast<int>(std::thread::hardware_concurrency()),
                       [&](std::size_t i) {
                         const std::filesystem::path file = folder.root / samples[i]->path;
                         std::error_code unknown;
                         const std::uintmax_t size = std::filesystem::file_size(file, unknown);
                         if (unknown) throw_errno("can't read " + file.string(), unknown.value());
                         files[i] = {samples[i]->path, size, sha256_of_file(file)};
                       });
  return files;
}

std::string fingerprint(std::span<const HashedFile> files) {
  Sha256 hash;
  for (const HashedFile& file : files)
    hash.update(file.path + '\0' + std::to_string(file.bytes) + '\0' + file.sha256 + '\n');
  return "sha256:" + hash.finish();
}

std::string fingerprint(const ImageFolder& folder) { return fingerprint(hash_samples(folder)); }

std::vector<UnreadableFile> find_unreadable(const ImageFolder& folder, int threads) {
  const std::vector<const Sample*> samples = all_samples(folder);
  std::vector<std::string> problems(samples.size());
  for_each_in_parallel(samples.size(), threads, [&](std::size_t i) {
    try {
      const std::string file = read_file(folder.root / samples[i]->path);
      decode(std::as_bytes(std::span(file)), samples[i]->path);
    } catch (const Error& problem) {
      if (problem.kind() == category::environment) throw;  // the machine's fault, not the file's
      problems[i] = problem.what();
    }
  });
  std::vector<UnreadableFile> unreadable;
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (!problems[i].empty()) unreadable.push_back({samples[i]->path, problems[i]});
  return unreadable;
}

}  // namespace amltrain
