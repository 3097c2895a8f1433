// fetch_data(): made in the workspace's scratch folder, and renamed to its place when all is right.
#include <algorithm>
#include <thread>

#include "dataset/archive_name.hpp"
#include "dataset/dataset.hpp"
#include "dataset/manifest.hpp"
#include "dataset/store.hpp"
#include "support/error.hpp"
#include "support/hash.hpp"
#include "support/lock.hpp"
#include "support/secrets.hpp"
#include "support/text.hpp"
#include "transfer/download.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

/// One folder for each name, guarded by the name's lock: what a killed fetch left is found, and the part of
/// its download gone on with.
class Scratch {
 public:
  explicit Scratch(fs::path folder) : folder_(std::move(folder)) {
    fs::remove_all(made());
    create_folders(made() / kDataFiles);
  }
  /// Keeps nothing but what download() left for the next attempt.
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(made(), ignored);
    fs::remove(archive(), ignored);
    fs::remove(folder_, ignored);  // fails when a part is there
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  fs::path made() const { return folder_ / "made"; }
  fs::path archive() const { return folder_ / "archive"; }

 private:
  fs::path folder_;
};

/// What is fetched, before a byte of it is read.
struct Source {
  explicit Source(const std::string& given) : is_remote(is_url(given)), url(given) {
    if (is_remote) return;
    if (fs::is_directory(given))
      throw Error(category::bad_input, given + " is a folder, not an archive",
                  "a folder needs no fetching: submit --data " + shell_quote(given));
    if (!fs::is_regular_file(given))
      throw Error(category::not_found, "no archive file " + given,
                  "check the path; a URL begins with https://");
    file = fs::canonical(given);
  }
  /// As it is shown and stored.
  std::string text() const { return is_remote ? without_secrets(url) : file.string(); }

  bool is_remote;
  std::string url;
  fs::path file;  // of a source that is not remote
};

/// Whether `present` came from the archive that is asked for. Without a hash, the same address counts as the
/// same.
bool is_same(const DataSet& present, const Source& source, const std::string& sha256) {
  if (!source.is_remote) return sha256_of_file(source.file) == present.sha256;
  return sha256.empty() ? present.source == source.text() : present.sha256.starts_with(sha256);
}

class Fetch {
 public:
  Fetch(const Workspace& workspace, const FetchRequest& request)
      : workspace_(workspace),
        request_(request),
        source_(request.source),
        sha256_(parse_sha256(request.sha256)) {
    data_.name = request.name.empty() ? name_of_archive(request.source) : request.name;
    require_name("data", data_.name);
  }

  DataSet run() {
    const auto lock = FileLock::try_acquire(workspace_.lock_file("data-" + data_.name));
    if (!lock)
      throw Error(category::conflict, "data '" + data_.name + "' is being fetched by another process",
                  "wait for it to end, or choose another --name");
    const auto known = workspace_.data();
    if (std::find(known.begin(), known.end(), data_.name) != known.end()) return present();

    const Scratch scratch(workspace_.scratch_folder() / ("data-" + data_.name));
    const fs::path archive = obtain(scratch);
    const fs::path files = scratch.made() / kDataFiles;
    unpack(archive, files);
    inspect(files);
    data_.manifest_sha256 = write_manifest(scratch.made());
    data_.source = source_.text();
    data_.created_at = now();
    store_document(scratch.made(), data_);
    rename_into_place(scratch.made(), workspace_.data_folder(data_.name), AtomicFile::existing::refuse);
    return read_data(workspace_, data_.name);
  }

 private:
  void say(const std::string& line) const {
    if (request_.say) request_.say(line);
  }

  DataSet present() const {
    DataSet there = read_data(workspace_, data_.name);
    if (!is_same(there, source_, sha256_))
      throw Error(category::conflict,
                  "data '" + there.name + "' is already there, fetched from " + there.source,
                  "choose another --name");
    say("data '" + there.name + "' is already there, fetched " + to_iso8601(there.created_at));
    return there;
  }

  /// The archive on this disk, its hash checked and noted.
  fs::path obtain(const Scratch& scratch) {
    if (source_.is_remote) {
      say("downloading " + source_.text());
      DownloadOptions options;
      options.sha256 = sha256_;
      options.progress = request_.progress;
      data_.sha256 = download(source_.url, scratch.archive(), options).sha256;
      return scratch.archive();
    }
    data_.sha256 = sha256_of_file(source_.file);
    if (!data_.sha256.starts_with(sha256_))
      throw Error(category::bad_input,
                  source_.text() + " has the SHA-256 " + data_.sha256 + ", not " + sha256_,
                  "check the hash, or fetch the file again");
    return source_.file;
  }

  void unpack(const fs::path& archive, const fs::path& files) const {
    say("unpacking " + human_bytes(fs::file_size(archive)));
    const Extracted got = extract(archive, files, request_.limits,
                                  [](const std::string& entry) { return !is_macos_metadata(entry); });
    say("unpacked " + std::to_string(got.files) + " files, " + human_bytes(got.bytes) +
        (got.left_out > 0 ? "; left out " + std::to_string(got.left_out) + " entries of macOS metadata"
                          : ""));
  }

  void inspect(const fs::path& files) try {
    const ImageFolder folder = scan_image_folder(files);
    const std::size_t images = folder.train.samples.size() + folder.val.samples.size();
    say("checking " + std::to_string(images) + " images");
    data_.folder = folder.root;
    data_.summary = summarise(folder);
    data_.unreadable =
        find_unreadable(folder, static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
    if (data_.unreadable.size() == images)
      throw Error(category::bad_input, "no image can be read; the first, " + data_.unreadable.front().path +
                                           ": " + data_.unreadable.front().problem);
    data_.fingerprint = fingerprint(folder);
  } catch (const Error& problem) {
    // The folder is about to go, so its path would be of no use to anyone.
    std::string message = problem.what();
    const std::string prefix = files.string();
    for (auto at = message.find(prefix); at != message.npos; at = message.find(prefix))
      message.replace(at, prefix.size(), source_.text());
    throw Error(problem.kind(), message, problem.hint());
  }

  const Workspace& workspace_;
  const FetchRequest& request_;
  const Source source_;
  const std::string sha256_;
  DataSet data_;
};

}  // namespace

DataSet fetch_data(const Workspace& workspace, const FetchRequest& request) {
  return Fetch(workspace, request).run();
}

}  // namespace amltrain
