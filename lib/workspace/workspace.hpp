// The store: where it is and how it is laid out. No other file knows a path below .amltrain (docs/store.md).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/clock.hpp"
#include "support/json.hpp"

namespace amltrain {

class Workspace {
 public:
  /// Makes `folder`/.amltrain. On a folder that has one it changes nothing and `created` is false.
  /// `name` empty: the folder's own name. Throws Error{bad_input} for a name that can't be one.
  struct InitResult;
  static InitResult init(const std::filesystem::path& folder, const std::string& name);

  /// `folder` is the one that holds .amltrain. Throws Error{not_found}; Error{bad_input} for another schema,
  /// or a workspace that is not trusted (trust.hpp).
  static Workspace open(const std::filesystem::path& folder);

  /// As git finds its own: `chosen` (--workspace) when given, else $AMLTRAIN_WORKSPACE, else the nearest
  /// folder upward from the current one. Throws Error{not_found} saying how to make one.
  static Workspace find(const std::optional<std::filesystem::path>& chosen);

  const std::filesystem::path& root() const { return root_; }  // absolute; holds .amltrain
  const std::string& name() const { return name_; }
  Time created_at() const { return created_at_; }

  std::filesystem::path store() const { return root_ / ".amltrain"; }
  std::filesystem::path experiment_file(std::string_view name) const;
  std::filesystem::path compute_file(std::string_view name) const;
  std::filesystem::path lease_folder(std::string_view compute) const;
  std::filesystem::path run_folder(std::string_view run) const;
  std::filesystem::path model_folder(std::string_view name) const;
  std::filesystem::path model_version_folder(std::string_view name, int version) const;
  std::filesystem::path data_folder(std::string_view name) const;            // data.json and files/
  std::filesystem::path snapshot_file(std::string_view sha256) const;        // of source: what it holds
  std::filesystem::path content_file(std::string_view sha256) const;         // one content of snapshots
  std::filesystem::path environment_file(std::string_view sha256) const;     // of Python: what it holds
  std::filesystem::path environment_folder(std::string_view sha256) const;   // and the environment itself
  std::filesystem::path submission_file(std::string_view key_sha256) const;  // which run a key made
  std::filesystem::path runs_folder() const;
  std::filesystem::path run_index_file() const;  // a cache of what lists show
  std::filesystem::path lock_file(
      std::string_view kind) const;              // locks/KIND.lock: one writer of a kind at a time
  std::filesystem::path scratch_folder() const;  // tmp/: made things are renamed out of it

  /// Names present, sorted: documents NAME.json or folders. Temporary names (leading '.') are left out.
  std::vector<std::string> experiments() const;
  std::vector<std::string> computes() const;
  std::vector<std::string> environments() const;  // whole ones, and what is left of others
  std::vector<std::string> runs() const;
  std::vector<std::string> models() const;
  std::vector<std::string> data() const;
  /// As above: of snapshots (SHA256.json), of the folders of their contents (AB), and of the contents in one.
  std::vector<std::string> snapshots() const;
  std::vector<std::string> content_groups() const;
  std::vector<std::string> contents(std::string_view group) const;

 private:
  Workspace(std::filesystem::path root, std::string name, Time created_at)
      : root_(std::move(root)), name_(std::move(name)), created_at_(created_at) {}
  std::filesystem::path root_;
  std::string name_;
  Time created_at_;
};

struct Workspace::InitResult {
  Workspace workspace;
  bool created;
};

/// schema amltrain.workspace/1: name, root, created_at.
json to_document(const Workspace& workspace);

/// Error{not_found} for `name` among `known`, with "did you mean" and `hint`.
[[noreturn]] void throw_unknown(std::string_view kind, std::string_view name,
                                const std::vector<std::string>& known, const Workspace& workspace,
                                const std::string& hint);

}  // namespace amltrain
