// What is there of a download: TARGET.part, and beside it TARGET.part.json that says of what it is a part.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "support/hash.hpp"
#include "support/lock.hpp"
#include "transfer/download.hpp"

namespace amltrain {

/// schema amltrain.partial-download/1
struct PartDocument {
  std::string url_sha256;  // not the URL itself: it may hold a secret
  std::string validator;   // of If-Range; never empty in a stored document
  std::optional<std::uint64_t> total;
  std::string boot_id;  // in which it was written
};

/// The lock is on the part itself, so two processes that fetch one target take turns.
class PartFile {
 public:
  /// Opens what an earlier attempt at `url` left, empty when it is of no use: another URL, no validator, or
  /// from before a reboot (its last pages may never have reached the disk) with no hash at the end to tell.
  PartFile(std::filesystem::path target, const std::string& url, bool hash_is_known);
  /// Deletes what nobody can go on with: an empty part, or one without a validator.
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  std::uint64_t size() const { return size_; }
  const std::string& validator() const { return document_.validator; }
  std::optional<std::uint64_t> total() const { return document_.total; }
  bool is_whole() const { return size_ > 0 && size_ == document_.total; }

  /// Empties the part. An empty `validator`: it can't be gone on with.
  void begin(std::string validator, std::optional<std::uint64_t> total);
  void append(std::span<const std::byte> bytes);

  /// Flushes the part and gives it the target's name. Throws Error{bad_input}, the part deleted, unless its
  /// SHA-256 begins with `expected`; a later call of anything is an error of the caller.
  Downloaded commit(const std::string& expected);

 private:
  void read_back();

  std::filesystem::path target_, path_, document_path_;
  FileLock lock_;
  PartDocument document_;
  std::optional<Sha256> hash_;  // of the first size_ bytes
  std::uint64_t size_ = 0;
};

}  // namespace amltrain
