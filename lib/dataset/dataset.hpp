// Data of the workspace: a named folder of images that was fetched, checked and fingerprinted.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "image/folder.hpp"
#include "support/clock.hpp"
#include "support/json.hpp"
#include "transfer/extract.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// schema amltrain.data/1; .amltrain/data/NAME/data.json beside files/
struct DataSet {
  std::string name;
  std::string source;            // URL or file it came from
  std::string sha256;            // of the archive
  std::string fingerprint;       // of the images
  std::string manifest_sha256;   // of the manifest (dataset/manifest.hpp)
  std::filesystem::path folder;  // that holds train/ and val/; absolute
  json summary;                  // summarise(): classes, counts, ignored
  std::vector<UnreadableFile> unreadable;
  Time created_at;
};
void to_json(json& out, const DataSet& data);
DataSet parse_data_set(const json& in);

struct FetchRequest {
  std::string source;  // URL or archive file
  std::string name;    // empty: the file's name without its endings
  std::string sha256;  // empty: not checked
  ExtractLimits limits;
  std::function<void(const std::string&)> say;                            // one line a stage
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;  // of the download
};

/// Downloads, unpacks, checks the layout, decodes every image once, and only then gives the data its name.
/// A failed fetch leaves nothing but, for a cut download, the part that the next call goes on with.
/// Throws Error{conflict} when the name is taken by other content; the same archive again returns what is
/// there.
DataSet fetch_data(const Workspace& workspace, const FetchRequest& request);

DataSet read_data(const Workspace& workspace, const std::string& name);  // Error{not_found}, did you mean
std::vector<DataSet> list_data(const Workspace& workspace);

}  // namespace amltrain
