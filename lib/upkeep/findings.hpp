// What the parts of a verification find, and how they look at one document.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "support/file_set.hpp"
#include "upkeep/verify.hpp"

namespace amltrain {

class Findings {
 public:
  explicit Findings(const Workspace& workspace) : store_(workspace.store()) {}

  void fault(const std::filesystem::path& file, const std::string& problem);

  /// Reads a sealed document. `check` parses it and compares what it says of itself with where it lies; what
  /// it throws is a fault. Absent when there is one.
  std::optional<std::string> document(const std::filesystem::path& file,
                                      const std::function<void(const json&)>& check);

  /// Files of known content below `folder`.
  void files(std::span<const HashedFile> files, const std::filesystem::path& folder);
  /// Files below `folder` that `known` doesn't name, paths with `prefix` before them.
  void extras(std::span<const HashedFile> known, const std::filesystem::path& folder,
              const std::string& prefix = "");

  /// What `check` finds, unless `thing` has gone by then: a gc, or a delete, was taking it away.
  void unless_gone(const std::filesystem::path& thing, const std::function<void(Findings&)>& check);

  /// What another has found.
  void add(const Findings& other);
  void count_document() { ++check_.documents; }
  void count_file(std::uint64_t bytes) {
    ++check_.files;
    check_.bytes += bytes;
  }
  const StoreCheck& result() const { return check_; }

 private:
  std::filesystem::path store_;
  StoreCheck check_;
};

/// Throws Error{bad_input} "is of KIND ACTUAL" unless it is `expected`.
void require_owner(std::string_view kind, std::string_view actual, std::string_view expected);

/// One piece of the work each, to be called in any order and by any thread.
using Task = std::function<void(Findings&)>;
std::vector<Task> run_tasks(const Workspace& workspace);
std::vector<Task> snapshot_tasks(const Workspace& workspace);
std::vector<Task> data_tasks(const Workspace& workspace);

}  // namespace amltrain
