#include "support/host.hpp"

#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdint>

#include "support/error.hpp"

namespace amltrain {
namespace {

/// f_type of statfs(2): from linux/magic.h, and from the sources of those that are not in the kernel.
constexpr std::array<std::uint32_t, 13> kShared{
    0x6969,      // NFS
    0x517B,      // SMB
    0xFF534D42,  // CIFS
    0xFE534D42,  // SMB2
    0x00C36400,  // Ceph
    0x0BD00BD0,  // Lustre
    0x47504653,  // GPFS
    0x19830326,  // BeeGFS
    0x5346414F,  // AFS
    0x7461636F,  // OCFS2
    0x01161970,  // GFS2
    0x65735546,  // FUSE, virtiofs
    0x01021997,  // 9p
};

}  // namespace

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) throw_errno("cannot read the host name");
  return name.data();
}

bool is_on_shared_file_system(const std::filesystem::path& path) {
  struct statfs system {};
  if (statfs(path.c_str(), &system) != 0) return false;
  return std::find(kShared.begin(), kShared.end(), static_cast<std::uint32_t>(system.f_type)) !=
         kShared.end();
}

}  // namespace amltrain
