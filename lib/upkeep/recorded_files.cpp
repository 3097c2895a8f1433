#include "upkeep/recorded_files.hpp"

#include <map>
#include <vector>

#include "support/sealed.hpp"
#include "upkeep/findings.hpp"

namespace amltrain {
namespace {

using HashByPath = std::map<std::string, const HashedFile*>;

constexpr const char* kOutputs = "outputs/";
constexpr const char* kSummary = "summary.json";

std::string summary_named_by_events(const RunPaths& run) {
  std::string hash;
  for (const Event& event : read_events(run))
    if (!event.summary_sha256.empty()) hash = event.summary_sha256;
  return hash;
}

void add_differences(const std::vector<HashedFile>& recorded, const HashByPath& there,
                     std::vector<std::string>& found) {
  for (const HashedFile& file : recorded) {
    const auto now = there.find(file.path);
    if (now == there.end())
      found.push_back("'" + file.path + "' is missing");
    else if (now->second->sha256 != file.sha256)
      found.push_back("'" + file.path + "' is not the file that the run left");
  }
}

/// Outputs that are there and were not recorded.
void add_additions(const std::vector<HashedFile>& outputs, HashByPath there,
                   std::vector<std::string>& found) {
  for (const HashedFile& file : outputs) there.erase(file.path);
  for (const auto& [path, file] : there)
    if (path.starts_with(kOutputs))
      found.push_back("'" + path + "' is not among the outputs that the run left");
}

}  // namespace

std::vector<std::string> differences_from_record(const RunPaths& run, std::span<const HashedFile> entries,
                                                 const std::string& prefix) {
  HashByPath there;
  for (const HashedFile& entry : entries)
    if (entry.path.starts_with(prefix)) there.emplace(entry.path.substr(prefix.size()), &entry);

  std::vector<std::string> found;
  const RunDefinition definition = read_definition(run);
  if (definition.git && definition.git->diff) add_differences({*definition.git->diff}, there, found);

  const std::string named = summary_named_by_events(run);
  const auto file = there.find(kSummary);
  if (file == there.end()) {
    if (!named.empty()) found.push_back(std::string("'") + kSummary + "' is missing");
    return found;
  }
  if (!named.empty() && file->second->sha256 != named) {
    found.push_back(std::string("'") + kSummary + "' is not the one that the run's last event names");
    return found;
  }
  const json document = read_sealed(run.summary());
  require_owner("run", field<std::string>(document, "run"), definition.id);
  const RunSummary summary = parse_run_summary(document);
  add_differences(summary.outputs, there, found);
  add_differences(summary.records, there, found);
  add_additions(summary.outputs, std::move(there), found);
  return found;
}

}  // namespace amltrain
