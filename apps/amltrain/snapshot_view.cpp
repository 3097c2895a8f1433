#include "snapshot_view.hpp"

#include <algorithm>
#include <span>

#include "support/text.hpp"
#include "table.hpp"

namespace amltrain::cli {
namespace {

constexpr std::size_t kLargest = 10, kNoticed = 10;

std::vector<SnapshotFile> largest_of(const Snapshot& snapshot) {
  std::vector<SnapshotFile> files = snapshot.files;
  std::stable_sort(files.begin(), files.end(), [](const SnapshotFile& left, const SnapshotFile& right) {
    return left.bytes > right.bytes;
  });
  files.resize(std::min(files.size(), kLargest));
  return files;
}

json document_of(const SourceScan& scan) {
  const json snapshot = scan.snapshot;
  json largest = json::array(), held_back = json::array();
  for (const SnapshotFile& file : largest_of(scan.snapshot))
    largest.push_back({{"path", file.path}, {"bytes", file.bytes}});
  for (const HeldBack& held : scan.held_back)
    held_back.push_back({{"path", held.path}, {"reason", held.reason}, {"secret", held.secret}});
  return {{"schema", "amltrain.snapshot-preview/1"},
          {"folder", scan.folder.string()},
          {"snapshot", snapshot["sha256"]},
          {"bytes", scan.snapshot.bytes()},
          {"files", snapshot["files"]},
          {"links", snapshot["links"]},
          {"largest", std::move(largest)},
          {"ignore_file", scan.ignore_file},
          {"ignored", scan.ignored},
          {"held_back", std::move(held_back)}};
}

void print_files(std::ostream& out, const std::string& title, const std::vector<SnapshotFile>& files) {
  Table table({title, "SIZE"});
  for (const SnapshotFile& file : files) table.row({file.path, human_bytes(file.bytes)});
  out << '\n';
  table.print(out);
}

void print_text(std::ostream& out, const SourceScan& scan) {
  const Snapshot& snapshot = scan.snapshot;
  Fields fields;
  fields.add("Source", scan.folder.string());
  fields.add("Snapshot", snapshot.sha256());
  fields.add("Files", std::to_string(snapshot.files.size()) + ", " + human_bytes(snapshot.bytes()));
  for (const SnapshotLink& link : snapshot.links) fields.add("Link", link.path + " -> " + link.target);
  for (const std::string& path : scan.ignored) fields.add("Ignored", path);
  for (const HeldBack& held : scan.held_back) fields.add("Held back", held.path + ": " + held.reason);
  fields.print(out);
  if (snapshot.files.size() > kLargest) print_files(out, "LARGEST", largest_of(snapshot));
  print_files(out, "FILE", snapshot.files);
}

}  // namespace

void show_snapshot(const Context& context, const SourceScan& scan) {
  context.print(document_of(scan), [&](std::ostream& out) { print_text(out, scan); });
}

void notice_held_back(const Context& context, const SourceScan& scan) {
  std::vector<HeldBack> held_back = scan.held_back;  // secrets first: of them one wants to know each
  std::stable_partition(held_back.begin(), held_back.end(), [](const HeldBack& held) { return held.secret; });
  const std::size_t shown = std::min(held_back.size(), kNoticed);
  for (const HeldBack& held : std::span(held_back).first(shown))
    context.notice("Held back from the snapshot: " + printable(held.path) + ", " + held.reason);
  const bool secret = !held_back.empty() && held_back.front().secret;
  if (shown < held_back.size())
    context.notice("... and " + std::to_string(held_back.size() - shown) +
                   " more: see submit --dry-run --show-snapshot");
  if (secret) context.notice("To send one of them all the same, write !NAME into " + scan.ignore_file);
}

}  // namespace amltrain::cli
