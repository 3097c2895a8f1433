#include "job/unheard.hpp"

#include <array>
#include <filesystem>
#include <sstream>

#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr unsigned long kRetries = 5;  // after 0.2 s, twice that, and so on
constexpr std::string_view kSocket = "socket:[";

std::set<std::string> sockets_of(const fs::path& process) {
  std::set<std::string> inodes;
  std::error_code gone;
  for (fs::directory_iterator entry(process / "fd", gone); !gone && entry != fs::directory_iterator();
       entry.increment(gone)) {
    std::error_code closed;
    const std::string link = fs::read_symlink(entry->path(), closed).string();
    if (link.starts_with(kSocket))
      inodes.insert(link.substr(kSocket.size(), link.size() - kSocket.size() - 1));
  }
  return inodes;
}

std::string table_of(const fs::path& file) try {
  return read_file(file);
} catch (const Error&) {  // no such process, no such family of addresses
  return "";
}

}  // namespace

bool tells_of_unheard(std::string_view table, const std::set<std::string>& inodes) {
  // number, local, remote, state, queues, timer, retransmits (hex), user, timeout, inode, ... (proc_net_tcp)
  std::istringstream lines{std::string(table)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::array<std::string, 10> fields;
    for (std::string& field : fields) words >> field;
    const auto& [number, local, remote, state, queues, timer, retransmits, user, timeout, inode] = fields;
    if (!inodes.contains(inode) || state != "01") continue;  // established
    if (timer.starts_with("01:") && std::stoul(retransmits, nullptr, 16) >= kRetries) return true;
  }
  return false;
}

bool is_unheard(pid_t pid) {
  const fs::path process = "/proc/" + std::to_string(pid);
  const std::set<std::string> inodes = sockets_of(process);
  if (inodes.empty()) return false;
  return tells_of_unheard(table_of(process / "net/tcp"), inodes) ||
         tells_of_unheard(table_of(process / "net/tcp6"), inodes);
}

}  // namespace amltrain
