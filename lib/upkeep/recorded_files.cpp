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

std::string difference(const std::vector<HashedFile>& recorded, const HashByPath& there) {
  for (const HashedFile& file : recorded) {
    const auto found = there.find(file.path);
    if (found == there.end()) return "'" + file.path + "' is missing";
    if (found->second->sha256 != file.sha256) return "'" + file.path + "' is not the file that the run left";
  }
  return "";
}

/// An output that is there and was not recorded.
std::string addition(const std::vector<HashedFile>& outputs, HashByPath there) {
  for (const HashedFile& file : outputs) there.erase(file.path);
  const auto first = there.lower_bound(kOutputs);
  const bool any = first != there.end() && first->first.starts_with(kOutputs);
  return any ? "'" + first->first + "' is not among the outputs that the run left" : "";
}

}  // namespace

std::string difference_from_record(const RunPaths& run, std::span<const HashedFile> entries,
                                   const std::string& prefix) {
  HashByPath there;
  for (const HashedFile& entry : entries)
    if (entry.path.starts_with(prefix)) there.emplace(entry.path.substr(prefix.size()), &entry);

  const RunDefinition definition = read_definition(run);
  if (definition.git && definition.git->diff)
    if (std::string found = difference({*definition.git->diff}, there); !found.empty()) return found;

  const std::string named = summary_named_by_events(run);
  const auto file = there.find(kSummary);
  if (file == there.end()) return named.empty() ? "" : std::string("'") + kSummary + "' is missing";
  if (!named.empty() && file->second->sha256 != named)
    return std::string("'") + kSummary + "' is not the one that the run's last event names";
  const json document = read_sealed(run.summary());
  require_owner("run", field<std::string>(document, "run"), definition.id);
  const RunSummary summary = parse_run_summary(document);
  for (const auto& recorded : {summary.outputs, summary.records})
    if (std::string found = difference(recorded, there); !found.empty()) return found;
  return addition(summary.outputs, std::move(there));
}

}  // namespace amltrain
