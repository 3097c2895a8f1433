#include "engine/parallel/socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "support/error.hpp"

namespace amltrain::engine {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Addresses find(const char* address, int port, int flags) {
  addrinfo wish{}, *found = nullptr;
  wish.ai_family = AF_UNSPEC;
  wish.ai_socktype = SOCK_STREAM;
  wish.ai_flags = flags | AI_NUMERICSERV;
  if (getaddrinfo(address, std::to_string(port).c_str(), &wish, &found) != 0) found = nullptr;
  return {found, &freeaddrinfo};
}

Fd open_socket(const addrinfo& of) {
  return Fd(socket(of.ai_family, of.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, of.ai_protocol));
}

void set(int socket, int level, int option, int value) {
  setsockopt(socket, level, option, &value, sizeof value);
}

/// True when the socket is ready for `events`, or has an error to tell.
bool wait_for(int socket, short events, Clock::time_point deadline) {
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) {
      errno = ETIMEDOUT;
      return false;
    }
    pollfd one{socket, events, 0};
    const int ready = poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

template <typename Name>
Endpoint end_of(int socket, Name&& name) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  auto* const generic = reinterpret_cast<sockaddr*>(&storage);
  char host[NI_MAXHOST] = "", port[NI_MAXSERV] = "0";
  if (name(socket, generic, &size) == 0)
    getnameinfo(generic, size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
  return {host, std::stoi(port)};
}

/// `act` moves some bytes at `data` and returns how many, as send() and recv() do.
template <typename Byte, typename Act>
bool move_all(int socket, std::span<Byte> bytes, short events, Clock::time_point deadline, Act&& act) {
  while (!bytes.empty()) {
    const ssize_t count = act(bytes.data(), bytes.size());
    if (count > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    } else if (count == 0) {
      errno = 0;
      return false;
    } else if (errno == EAGAIN) {
      if (!wait_for(socket, events, deadline)) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string to_words(const Endpoint& endpoint) {
  return endpoint.address + " port " + std::to_string(endpoint.port);
}

Fd listen_at(const Endpoint& endpoint) {
  Addresses found = find(endpoint.address.c_str(), endpoint.port, AI_NUMERICHOST);
  if (!found) found = find(nullptr, endpoint.port, AI_PASSIVE);
  for (const addrinfo* one = found.get(); one != nullptr; one = one->ai_next) {
    Fd socket = open_socket(*one);
    if (!socket) continue;
    set(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (bind(socket.get(), one->ai_addr, one->ai_addrlen) == 0 && listen(socket.get(), 512) == 0)
      return socket;
  }
  throw Error(category::environment,
              "the hosts of the run can't meet at " + to_words(endpoint) + ": " + std::strerror(errno),
              "something else may listen there: submit again, which takes another port");
}

Fd accept_from(int listener) {
  Fd socket(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (socket) set(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  return socket;
}

Fd connect_to(const Endpoint& endpoint, milliseconds longest) {
  const Clock::time_point deadline = Clock::now() + longest;
  const Addresses found = find(endpoint.address.c_str(), endpoint.port, 0);
  if (!found) errno = EHOSTUNREACH;
  for (const addrinfo* one = found.get(); one != nullptr; one = one->ai_next) {
    Fd socket = open_socket(*one);
    if (!socket) continue;
    if (connect(socket.get(), one->ai_addr, one->ai_addrlen) != 0) {
      if (errno != EINPROGRESS || !wait_for(socket.get(), POLLOUT, deadline)) continue;
      int problem = 0;
      socklen_t size = sizeof problem;
      getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &problem, &size);
      errno = problem;
      if (problem != 0) continue;
    }
    set(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    return socket;
  }
  return {};
}

Endpoint own_end_of(int socket) { return end_of(socket, getsockname); }
Endpoint other_end_of(int socket) { return end_of(socket, getpeername); }

bool has_something(int socket, milliseconds longest) {
  return wait_for(socket, POLLIN, Clock::now() + longest);
}

bool send_all(int socket, std::span<const std::byte> bytes, Clock::time_point deadline) {
  return move_all(socket, bytes, POLLOUT, deadline, [&](const std::byte* data, std::size_t size) {
    return send(socket, data, size, MSG_NOSIGNAL);
  });
}

bool receive_all(int socket, std::span<std::byte> bytes, Clock::time_point deadline) {
  return move_all(socket, bytes, POLLIN, deadline,
                  [&](std::byte* data, std::size_t size) { return recv(socket, data, size, 0); });
}

void end_when_unanswered(int socket, milliseconds longest) {
  set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(longest.count()));
}

}  // namespace amltrain::engine
