// Whether the other end of a process's connections has fallen silent.
#pragma once

#include <sys/types.h>

#include <set>
#include <string>
#include <string_view>

namespace amltrain {

/// True when what a process sent over TCP was sent again five times, for about six seconds, and not answered.
/// TCP itself goes on for a quarter of an hour, and its keepalive doesn't count meanwhile. Linux alone tells.
bool is_unheard(pid_t pid);

/// The same of a table as /proc/net/tcp has it, for the sockets of those inodes. Pure.
bool tells_of_unheard(std::string_view table, const std::set<std::string>& inodes);

}  // namespace amltrain
