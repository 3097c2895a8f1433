#include "job/working_folder.hpp"

#include <algorithm>
#include <vector>

#include "snapshot/store.hpp"
#include "support/files.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOfRun[] = {"outputs", "logs"};

/// No link to one.
bool is_real_folder(const fs::path& path) {
  std::error_code absent;
  return fs::symlink_status(path, absent).type() == fs::file_type::directory;
}

void move_into(const fs::path& from, const fs::path& to) {
  std::vector<fs::path> entries;  // first: moving them changes what is iterated over
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) entries.push_back(entry.path());
  for (const fs::path& entry : entries) {
    const fs::path target = to / entry.filename();
    if (is_real_folder(entry) && is_real_folder(target)) {
      move_into(entry, target);
      continue;
    }
    if (is_real_folder(entry) != is_real_folder(target)) fs::remove_all(target);
    rename_into_place(entry, target, AtomicFile::existing::replace);
  }
}

}  // namespace

fs::path working_folder(const JobDefinition& job, const RunPaths& paths) {
  return job.code.empty() ? paths.folder : paths.code();
}

void make_working_folder(const Workspace& workspace, const std::string& snapshot, const RunPaths& paths) {
  lay_out(workspace, read_snapshot(workspace, snapshot), paths.code());
  for (const char* name : kOfRun) {
    std::error_code absent;
    const fs::path link = paths.code() / name;
    if (fs::symlink_status(link, absent).type() == fs::file_type::not_found)
      fs::create_symlink(fs::path("..") / name, link);
  }
}

void bring_back_results(const RunPaths& paths) {
  for (const char* name : kOfRun) {
    const fs::path made = paths.code() / name;
    if (is_real_folder(paths.code()) && is_real_folder(made) && is_real_folder(paths.folder / name))
      move_into(made, paths.folder / name);
  }
}

std::string describe_strayed_outputs(const RunPaths& paths) {
  const fs::path made = paths.code() / kOfRun[0];
  std::error_code problem;
  const fs::file_type type = fs::symlink_status(made, problem).type();
  if (type == fs::file_type::not_found || type == fs::file_type::directory) return "";
  if (type != fs::file_type::symlink) return "outputs (replaced by what is no folder)";
  const fs::path own = fs::canonical(paths.outputs(), problem), there = fs::canonical(made, problem);
  const bool is_own =
      !problem && std::mismatch(own.begin(), own.end(), there.begin(), there.end()).first == own.end();
  return is_own ? "" : "outputs (replaced by a link that leads elsewhere)";
}

}  // namespace amltrain
