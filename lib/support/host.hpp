// Which machine this is, and whether a folder may be another's too.
#pragma once

#include <filesystem>
#include <string>

namespace amltrain {

std::string host_name();

/// True on file systems that several machines can have mounted: NFS, SMB, parallel ones, and FUSE and 9p, by
/// which virtual machines share folders. There a process that is not to be seen here may live elsewhere.
bool is_on_shared_file_system(const std::filesystem::path& path);

}  // namespace amltrain
