// Large files past the page cache: no copy of them is made in memory, and what is read back comes from the
// disk.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "support/checksum.hpp"

namespace amltrain {

/// Where memory must begin that goes to the disk without a copy; a multiple of any disk's block.
constexpr std::size_t kPage = 4096;

struct FreePages {
  void operator()(std::byte* memory) const;
};
using PageMemory = std::unique_ptr<std::byte, FreePages>;
/// At least `size` bytes, beginning at a page. Throws Error{environment}, saying what they are for, when
/// there are none.
PageMemory allocate_pages(std::size_t size, const std::string& purpose);

/// Writes all of `bytes` to the empty file `fd`: with O_DIRECT where they begin at a page and the file system
/// has it, else as write_all() does. `path` is for the error.
void write_unbuffered(int fd, std::span<const std::byte> bytes, const std::filesystem::path& path);

/// True when the file holds `bytes` and nothing else, as the disk gives it (O_DIRECT, where the file system
/// has it). `sum` is updated with each piece while it is in the processor's cache.
bool reads_back(const std::filesystem::path& path, std::span<const std::byte> bytes, Checksum& sum);

}  // namespace amltrain
