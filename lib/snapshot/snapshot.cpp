#include "snapshot/snapshot.hpp"

#include <numeric>

#include "support/error.hpp"
#include "support/hash.hpp"

namespace amltrain {
namespace {

constexpr const char* kSchema = "amltrain.snapshot/1";

/// What its hash is of.
json content_of(const Snapshot& snapshot) {
  json files = json::array(), links = json::array();
  for (const SnapshotFile& file : snapshot.files) {
    json entry = static_cast<const HashedFile&>(file);
    entry["executable"] = file.executable;
    files.push_back(std::move(entry));
  }
  for (const SnapshotLink& link : snapshot.links)
    links.push_back({{"path", link.path}, {"target", link.target}});
  return {{"files", std::move(files)}, {"links", std::move(links)}};
}

}  // namespace

std::uint64_t Snapshot::bytes() const {
  return std::accumulate(files.begin(), files.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const SnapshotFile& file) { return sum + file.bytes; });
}

std::string Snapshot::sha256() const { return sha256_of(content_of(*this).dump()); }

void to_json(json& out, const Snapshot& snapshot) {
  out = {{"schema", kSchema}, {"sha256", snapshot.sha256()}};
  out.update(content_of(snapshot));
}

std::string to_text(const Snapshot& snapshot) { return json(snapshot).dump(2) + "\n"; }

Snapshot parse_snapshot(const json& in, const std::string& origin) {
  require_schema(in, kSchema, origin);
  Snapshot snapshot;
  for (const json& entry : field<json>(in, "files"))
    snapshot.files.push_back({parse_hashed_file(entry), field<bool>(entry, "executable")});
  for (const json& entry : field<json>(in, "links"))
    snapshot.links.push_back({field<std::string>(entry, "path"), field<std::string>(entry, "target")});
  if (snapshot.sha256() != field<std::string>(in, "sha256"))
    throw Error(category::bad_input, origin + " no longer has the content that its hash is of",
                "the snapshot is damaged: submit the run's source again");
  return snapshot;
}

}  // namespace amltrain
