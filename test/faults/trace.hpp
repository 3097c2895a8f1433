// The record of what a program did to a folder, for replaying a power cut: one JSON array a line, in the
// order of the calls' returns; paths relative to AMLTRAIN_FAULT_ROOT.
//
//   ["create", PATH]              an empty file, or one cut to nothing
//   ["write", PATH, OFFSET, HEX]  bytes
//   ["truncate", PATH, SIZE]
//   ["sync", PATH]                fsync of a file or folder ("" is the root)
//   ["syncfs"]
//   ["rename", FROM, TO]  ["link", FROM, TO]  ["mkdir", PATH]  ["remove", PATH]
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace amltrain::faults {

void trace(const char* call, const std::vector<std::string>& paths);
void trace_write(const std::string& path, off_t offset, const void* data, std::size_t count);
void trace_truncate(const std::string& path, off_t size);

/// Held around a call and its record, by one process at a time, so that the order is that of the calls.
class TraceLock {
 public:
  TraceLock();
  ~TraceLock();
  TraceLock(const TraceLock&) = delete;
  TraceLock& operator=(const TraceLock&) = delete;

 private:
  int fd_ = -1;
};

}  // namespace amltrain::faults
