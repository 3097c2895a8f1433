// Reading what a job's command can have put anything in the place of: its logs, its metrics, its documents.
#pragma once

#include <fcntl.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "support/files.hpp"

namespace amltrain {

/// Opens a regular file; `flags` as for open(2), O_CLOEXEC and O_NONBLOCK are added. What else has its place
/// is not waited for (a FIFO), nor read without an end (a device), nor followed with O_NOFOLLOW (a link):
/// Error{bad_input}. Throws Error{not_found} when absent.
Fd open_regular(const std::filesystem::path& path, int flags);

/// The same to read: empty when absent or no regular file, and for a link.
Fd open_if_regular(const std::filesystem::path& path);

/// As read_file(), of a regular file or a link to one.
std::string read_regular(const std::filesystem::path& path, std::uint64_t limit = std::uint64_t{1} << 32);

/// Something is there that is no regular file.
bool is_irregular(const std::filesystem::path& path);

/// read_file() from an open file, in place of what `content` holds; `path` is for the error.
void read_open(int fd, const std::string& path, std::string& content, std::uint64_t limit);

}  // namespace amltrain
