// What is to happen to the calls of a program that write below a folder; said by environment variables,
// counted across all processes that inherit them.
//
//   AMLTRAIN_FAULT_ROOT    the folder; calls elsewhere pass
//   AMLTRAIN_FAULT_STATE   file of 8 bytes: how many such calls were made so far, by all processes
//   AMLTRAIN_FAULT_AT      number of the call that fails, from 1; absent: none
//   AMLTRAIN_FAULT_ERROR   ENOSPC, EIO, EINTR, or short: a write of half of the bytes
//   AMLTRAIN_FAULT_FOREVER present: all calls from that one on fail
//   AMLTRAIN_FAULT_ONLY    a call's name (fsync, ...): others are neither counted nor failed
//   AMLTRAIN_FAULT_LOG     file to which each failed call is appended: name and path
//   AMLTRAIN_FAULT_BOOT    file whose content the program takes for the id of the machine's boot
//   AMLTRAIN_FAULT_TRACE   file to which what was done is appended: see trace.hpp
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace amltrain::faults {

enum class Verdict { pass, fail, halve };

/// Asked before each call; sets errno when it is to fail.
Verdict verdict(std::string_view call, const std::string& path);

/// True for a path below the root.
bool concerns(const std::string& path);

/// The path that a descriptor was opened as; empty when it is none on disk.
std::string path_of(int fd);
/// `path` relative to the folder of descriptor `at`, made absolute.
std::string absolute(int at, const char* path);

}  // namespace amltrain::faults
