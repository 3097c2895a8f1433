// TCP between the hosts of a run: none of these calls waits longer than it is told.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

#include "support/files.hpp"

namespace amltrain::engine {

/// Where to reach a process.
struct Endpoint {
  std::string address;  // a number, or a name
  int port = 0;
};
std::string to_words(const Endpoint& endpoint);

/// A socket that listens: at the address itself where that is a number, at all of this machine's where it is
/// a name, which may mean another one here than elsewhere. Port 0: the kernel chooses. Throws
/// Error{environment} where it can't be, as when something else listens there.
Fd listen_at(const Endpoint& endpoint);
/// Takes the next who wants to connect; empty when there is none just now.
Fd accept_from(int listener);
/// Empty, with errno, when there is no connection after `longest`.
Fd connect_to(const Endpoint& endpoint, std::chrono::milliseconds longest);

Endpoint own_end_of(int socket);
Endpoint other_end_of(int socket);

/// Whether there is something to receive, be it the end, after `longest` at most.
bool has_something(int socket, std::chrono::milliseconds longest);
/// All of the bytes, until `deadline`. False, with errno, when it came to less; 0 for an end of the stream.
bool send_all(int socket, std::span<const std::byte> bytes, std::chrono::steady_clock::time_point deadline);
bool receive_all(int socket, std::span<std::byte> bytes, std::chrono::steady_clock::time_point deadline);

/// From here on: what is sent and not answered for `longest` ends the connection with ETIMEDOUT. Not for one
/// whose other end may take its time to read: that ends it as well.
void end_when_unanswered(int socket, std::chrono::milliseconds longest);

}  // namespace amltrain::engine
