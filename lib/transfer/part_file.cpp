#include "transfer/part_file.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/json.hpp"
#include "support/process.hpp"

namespace amltrain {
namespace {

constexpr std::string_view kSchema = "amltrain.partial-download/1";
constexpr auto kPatience = std::chrono::hours(24);  // another process may be fetching the same large file

std::filesystem::path with_suffix(std::filesystem::path path, const char* suffix) { return path += suffix; }

std::string to_text(const PartDocument& document) {
  json out = {{"schema", kSchema},
              {"url_sha256", document.url_sha256},
              {"validator", document.validator},
              {"total", nullptr},
              {"boot_id", document.boot_id}};
  if (document.total) out["total"] = *document.total;
  return out.dump(2) + "\n";
}

/// Absent for one that is not there or of no use: the worst that follows is a download from the beginning.
std::optional<PartDocument> read_part_document(const std::filesystem::path& path) try {
  const json in = read_document(path, kSchema);
  PartDocument document{field<std::string>(in, "url_sha256"),
                        field<std::string>(in, "validator"),
                        {},
                        field<std::string>(in, "boot_id")};
  if (!in.at("total").is_null()) document.total = field<std::uint64_t>(in, "total");
  return document;
} catch (const std::exception&) {
  return std::nullopt;
}

}  // namespace

PartFile::PartFile(std::filesystem::path target, const std::string& url, bool hash_is_known)
    : target_(std::move(target)),
      path_(with_suffix(target_, ".part")),
      document_path_(with_suffix(target_, ".part.json")),
      lock_(FileLock::acquire(path_, kPatience)),
      hash_(std::in_place) {
  document_.url_sha256 = sha256_of(url);
  document_.boot_id = boot_id();
  const auto left = read_part_document(document_path_);
  const bool useful = left && left->url_sha256 == document_.url_sha256 && !left->validator.empty() &&
                      (left->boot_id == document_.boot_id || hash_is_known);
  if (useful) read_back();
  if (size_ == 0 || (left->total && size_ > *left->total)) {
    begin("", std::nullopt);
  } else {
    document_.validator = left->validator;
    document_.total = left->total;
  }
}

void PartFile::read_back() {
  read_pieces(lock_.fd(), path_, [&](std::span<const std::byte> piece) {
    hash_->update(piece);
    size_ += piece.size();
  });
}

PartFile::~PartFile() {
  if (path_.empty() || (size_ > 0 && !document_.validator.empty())) return;
  unlink(document_path_.c_str());
  unlink(path_.c_str());
}

void PartFile::begin(std::string validator, std::optional<std::uint64_t> total) {
  if (ftruncate(lock_.fd(), 0) != 0 || lseek(lock_.fd(), 0, SEEK_SET) != 0)
    throw_errno("cannot empty " + path_.string());
  hash_.emplace();
  size_ = 0;
  document_.validator = std::move(validator);
  document_.total = total;
  if (!document_.validator.empty())
    publish_file(document_path_, to_text(document_));
  else if (unlink(document_path_.c_str()) != 0 && errno != ENOENT)
    throw_errno("cannot remove " + document_path_.string());
}

void PartFile::append(std::span<const std::byte> bytes) {
  write_all(lock_.fd(), bytes, path_);
  hash_->update(bytes);
  size_ += bytes.size();
}

Downloaded PartFile::commit(const std::string& expected) {
  const Downloaded done{size_, hash_->finish()};
  if (!done.sha256.starts_with(expected)) {
    document_.validator.clear();  // the destructor deletes the part
    throw Error(category::bad_input,
                target_.filename().string() + " was downloaded but has the SHA-256 " + done.sha256 +
                    ", not " + expected,
                "check the hash you gave; if it is right, the server's copy is not the file you want");
  }
  sync_file(lock_.fd(), path_);
  rename_into_place(path_, target_, AtomicFile::existing::replace);
  path_.clear();
  unlink(document_path_.c_str());
  return done;
}

}  // namespace amltrain
