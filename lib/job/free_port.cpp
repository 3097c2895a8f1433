#include "job/free_port.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "support/files.hpp"

namespace amltrain {

std::optional<std::uint16_t> free_port() {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  // Port 0: the kernel chooses one.
  if (!socket || bind(socket.get(), generic, size) != 0 || getsockname(socket.get(), generic, &size) != 0)
    return std::nullopt;
  return ntohs(address.sin_port);
}

}  // namespace amltrain
