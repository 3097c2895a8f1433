#include "job/log_follower.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/regular_file.hpp"

namespace amltrain {
namespace {

constexpr std::size_t kChunk = 64 * 1024;

}  // namespace

void LogFollower::give(const Visit& visit) {
  if (number_ >= from_) visit(number_, begun_);
  begun_.clear();
}

void LogFollower::drain(const Visit& visit) {
  const Fd file = open_if_regular(log_);
  if (!file) return;
  std::string chunk(kChunk, '\0');
  while (true) {
    const ssize_t count = pread(file.get(), chunk.data(), chunk.size(), static_cast<off_t>(offset_));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("cannot read " + log_.string());
    if (count == 0) return;
    offset_ += static_cast<std::uint64_t>(count);
    std::string_view rest(chunk.data(), static_cast<std::size_t>(count));
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      begun_ += rest.substr(0, end);
      give(visit);
      ++number_;
      rest.remove_prefix(end + 1);
    }
    begun_ += rest;
    if (begun_.size() >= kChunk) give(visit);
  }
}

void LogFollower::finish(const Visit& visit) {
  drain(visit);
  if (!begun_.empty()) give(visit);
}

}  // namespace amltrain
