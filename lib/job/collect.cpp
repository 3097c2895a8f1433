#include "job/collect.hpp"

#include <fcntl.h>

#include <algorithm>
#include <set>

#include "job/linked_outputs.hpp"
#include "job/working_folder.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/regular_file.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

void sync_path(const std::filesystem::path& path) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw_errno("cannot open " + path.string());
  sync_file(file.get(), path);
}

void sync_files(const std::vector<HashedFile>& files, const std::filesystem::path& root) {
  std::set<std::filesystem::path> folders;
  for (const HashedFile& file : files) {
    const std::filesystem::path path = root / file.path;
    sync_path(path);
    folders.insert(path.parent_path());
  }
  for (const std::filesystem::path& folder : folders) sync_folder(folder);
}

}  // namespace

Collected collect_results(const RunPaths& paths) {
  Collected collected;
  RunSummary& summary = collected.summary;
  bring_back_results(paths);
  if (std::string strayed = describe_strayed_outputs(paths); !strayed.empty())
    collected.left_out.push_back(std::move(strayed));
  keep_linked_files(paths.outputs());
  summary.metrics = summarise_metrics(paths.metrics(), true);
  summary.outputs = hash_tree(paths.outputs(), "outputs/", &collected.left_out);
  summary.records = hash_tree(paths.logs(), "logs/", &collected.left_out);
  std::erase_if(summary.records,
                [&](const HashedFile& log) { return paths.folder / log.path == paths.supervisor_log(); });
  for (const std::filesystem::path& record : {paths.metrics(), paths.conditions()}) {
    const std::string name = record.filename().string();
    if (is_irregular(record))
      collected.left_out.push_back(name + " (no regular file)");
    else if (std::filesystem::exists(record))
      summary.records.push_back(hash_file(paths.folder, name));
  }
  sync_files(summary.outputs, paths.folder);
  sync_files(summary.records, paths.folder);
  return collected;
}

std::string describe_left_out(const std::vector<std::string>& left_out) {
  constexpr std::size_t kShown = 5;
  if (left_out.empty()) return "";
  const std::size_t shown = std::min(kShown, left_out.size());
  return "not kept as results: " +
         join(std::vector<std::string>(left_out.begin(),
                                       left_out.begin() + static_cast<std::ptrdiff_t>(shown)),
              ", ") +
         (shown < left_out.size() ? " and " + std::to_string(left_out.size() - shown) + " more" : "");
}

}  // namespace amltrain
