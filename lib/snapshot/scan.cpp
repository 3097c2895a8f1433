#include "snapshot/scan.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "snapshot/ignore_stack.hpp"
#include "snapshot/secrets.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

/// What a run makes itself, at the top of its folder.
bool is_of_a_run(const std::string& path) { return path == "outputs" || path == "logs"; }

/// True when a link at `path` can't be followed out of the folder: judged by the words, not the disk.
bool stays_inside(const std::string& path, const fs::path& target) {
  if (target.empty() || target.is_absolute()) return false;
  const fs::path leads_to = (fs::path(path).parent_path() / target).lexically_normal();
  return *leads_to.begin() != "..";
}

class Scanner {
 public:
  explicit Scanner(const fs::path& folder) : ignore_(folder), root_(open_folder(folder)) {
    scan_.folder = folder;
    scan_.ignore_file = ignore_.file_name();
  }

  SourceScan scan() && {
    walk("");
    const auto by_path = [](const auto& left, const auto& right) { return left.path < right.path; };
    std::sort(scan_.snapshot.files.begin(), scan_.snapshot.files.end(), by_path);
    std::sort(scan_.snapshot.links.begin(), scan_.snapshot.links.end(), by_path);
    std::sort(scan_.held_back.begin(), scan_.held_back.end(), by_path);
    std::sort(scan_.ignored.begin(), scan_.ignored.end());
    return std::move(scan_);
  }

 private:
  void walk(const std::string& folder) {
    ignore_.enter(folder);
    for (const fs::directory_entry& entry : fs::directory_iterator(scan_.folder / folder)) {
      const std::string name = entry.path().filename().string();
      if (name == ".git" || name == ".amltrain" || is_temporary_name(name)) continue;
      take(folder.empty() ? name : folder + "/" + name, entry.symlink_status().type());
    }
    ignore_.leave();
  }

  void take(const std::string& path, fs::file_type type) {
    const bool is_folder = type == fs::file_type::directory;
    const auto verdict = ignore_.verdict(path, is_folder ? EntryKind::folder : EntryKind::file);
    if (verdict == Verdict::ignored) return scan_.ignored.push_back(as_utf8(path) + (is_folder ? "/" : ""));
    if (!is_utf8(path)) return hold_back(path, "its name is no UTF-8");
    if (is_folder && is_of_a_run(path)) return hold_back_of_a_run(path);
    if (is_folder) return walk(path);
    if (type == fs::file_type::symlink) return take_link(path);
    if (type != fs::file_type::regular) return hold_back(path, "it is no regular file");
    take_file(path, verdict == Verdict::named);
  }

  void take_link(const std::string& path) {
    const fs::path target = fs::read_symlink(scan_.folder / path);
    if (!stays_inside(path, target) || !is_utf8(target.string()))
      return hold_back(path, "a link that leads out of the folder");
    scan_.snapshot.links.push_back({path, target.string()});
  }

  /// `wanted`: a pattern says so by name.
  void take_file(const std::string& path, bool wanted) {
    if (const auto secret = wanted ? std::nullopt : secret_by_name(path))
      return hold_back(path, *secret, true);
    const Fd file = open_beneath(root_.get(), path, O_RDONLY | O_NONBLOCK);
    struct stat status {};
    if (fstat(file.get(), &status) != 0) throw_errno("cannot read " + path);
    SnapshotFile taken;
    taken.path = path;
    taken.executable = (status.st_mode & S_IXUSR) != 0;
    Sha256 hash;
    std::string beginning;  // of the file; all of it when it is short
    read_pieces(file.get(), scan_.folder / path, [&](std::span<const std::byte> piece) {
      hash.update(piece);
      taken.bytes += piece.size();
      if (taken.bytes <= kLongestSearched)
        beginning.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    });
    if (!wanted && taken.bytes <= kLongestSearched) {
      if (const auto secret = secret_in_text(beginning)) return hold_back(path, *secret, true);
    }
    taken.sha256 = hash.finish();
    scan_.snapshot.files.push_back(std::move(taken));
  }

  void hold_back_of_a_run(const std::string& path) {
    if (!fs::is_empty(scan_.folder / path)) hold_back(path + "/", "a run has its own");
  }

  void hold_back(const std::string& path, std::string reason, bool secret = false) {
    scan_.held_back.push_back({as_utf8(path), std::move(reason), secret});
  }

  SourceScan scan_;
  IgnoreStack ignore_;
  Fd root_;
};

}  // namespace

SourceScan scan_source(const fs::path& folder) {
  std::error_code problem;
  const fs::path root = fs::canonical(folder, problem);
  if (problem || !fs::is_directory(root))
    throw Error(category::not_found, "no folder '" + folder.string() + "' to take the source from",
                "--source (code: in a job file) takes the folder that holds the script");
  try {
    SourceScan scan = Scanner(root).scan();
    if (scan.snapshot.files.empty())
      throw Error(category::bad_input, "no file of " + root.string() + " is left to run",
                  std::to_string(scan.ignored.size()) + " entries are ignored by " + scan.ignore_file + ", " +
                      std::to_string(scan.held_back.size()) + " held back");
    return scan;
  } catch (const fs::filesystem_error& unreadable) {
    throw_errno("cannot read " + unreadable.path1().string(), unreadable.code().value());
  }
}

}  // namespace amltrain
