#include "job/source_job.hpp"

#include <algorithm>

#include "job/placeholders.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUsualEntries[] = {"train.sh", "train.py", "run.sh", "main.py"};

const SnapshotFile* find_file(const Snapshot& snapshot, const std::string& path) {
  const auto found = std::find_if(snapshot.files.begin(), snapshot.files.end(),
                                  [&](const SnapshotFile& file) { return file.path == path; });
  return found == snapshot.files.end() ? nullptr : &*found;
}

bool can_be_run(const SnapshotFile& file) {
  return file.path.ends_with(".sh") || file.path.ends_with(".py") || file.executable;
}

/// As the snapshot writes it: from the source's folder, whether it was typed so or as a whole path.
std::string path_in_source(const SourceScan& scan, const std::string& entry) {
  const fs::path typed(entry);
  const fs::path relative = typed.is_absolute() ? typed.lexically_relative(scan.folder) : typed;
  return relative.lexically_normal().string();
}

[[noreturn]] void throw_no_entry(const SourceScan& scan, const std::string& entry) {
  const std::string message = "the entry '" + entry + "' is not in the snapshot of " + scan.folder.string();
  for (const HeldBack& held : scan.held_back) {
    if (held.path == entry)
      throw Error(
          category::not_found, message + ": it was held back, " + held.reason,
          held.secret ? "to send it all the same, write !" + entry + " into " + scan.ignore_file : "");
  }
  if (entry.starts_with("../") || entry == ".." || entry.starts_with('/'))
    throw Error(category::bad_input, "the entry '" + entry + "' leads out of " + scan.folder.string(),
                "--entry takes a path from that folder on; only what lies in it is sent");
  std::error_code unreadable;
  if (fs::exists(scan.folder / entry, unreadable))
    throw Error(category::not_found, message + ": " + scan.ignore_file + " ignores it",
                "take it in with a line !" + entry);
  std::vector<std::string> known;
  for (const SnapshotFile& file : scan.snapshot.files) known.push_back(file.path);
  const auto near = closest(entry, known);
  throw Error(category::not_found, message,
              near ? "did you mean '" + *near + "'?" : "--entry takes a path from that folder on");
}

std::vector<std::string> command_of(const SnapshotFile& file, const SourceEntry& entry) {
  // A name that begins with '-' must not be read as an option.
  const std::string path = file.path.starts_with('-') ? "./" + file.path : file.path;
  if (!entry.python.empty() && !path.ends_with(".py"))
    throw Error(category::bad_input, "--python is for *.py, and the entry is '" + path + "'",
                "with --pip-packages or --requirements it makes an environment for any entry");
  if (path.ends_with(".sh")) return {"exec", "bash", path};
  // -u: what it prints is in the log when it prints it.
  if (path.ends_with(".py")) return {"exec", entry.python.empty() ? "python3" : entry.python, "-u", path};
  if (!file.executable)
    throw Error(category::bad_input, "the entry '" + file.path + "' can't be run",
                "make it executable (chmod +x), or name it *.sh or *.py");
  return {"exec", "./" + file.path};
}

}  // namespace

std::string default_entry(const Snapshot& snapshot) {
  for (const char* usual : kUsualEntries) {
    if (find_file(snapshot, usual)) return usual;
  }
  std::vector<std::string> candidates;
  for (const SnapshotFile& file : snapshot.files) {
    if (file.path.find('/') == std::string::npos && can_be_run(file)) candidates.push_back(file.path);
  }
  if (candidates.size() == 1) return candidates.front();
  throw Error(category::bad_input,
              candidates.empty() ? "the source has no file at its top that can be run"
                                 : "the source has several files that can be run: " + join(candidates, ", "),
              "name the one to run with --entry FILE");
}

JobDefinition source_job(const SourceScan& scan, const SourceEntry& entry) {
  const std::string path =
      entry.file.empty() ? default_entry(scan.snapshot) : path_in_source(scan, entry.file);
  const SnapshotFile* file = find_file(scan.snapshot, path);
  if (file == nullptr) throw_no_entry(scan, path);
  std::vector<std::string> words = command_of(*file, entry);
  words.insert(words.end(), entry.arguments.begin(), entry.arguments.end());
  JobDefinition job;
  job.command = join_with_placeholders(words);
  job.code = scan.folder.string();
  return job;
}

}  // namespace amltrain
