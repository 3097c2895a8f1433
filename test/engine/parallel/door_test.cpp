// Who is let in, and who is not.
#include "engine/parallel/door.hpp"

#include <catch2/catch.hpp>
#include <thread>

using namespace amltrain;
using namespace amltrain::engine;
using namespace std::chrono_literals;

namespace {

/// What a door with this secret lets in within `longest`, while `calls` goes on.
std::optional<Door::Arrival> arrival_at(Door& door, const std::function<void()>& calls,
                                        std::chrono::milliseconds longest) {
  const std::jthread caller(calls);
  return door.next(longest);
}

}  // namespace

TEST_CASE("who knows the secret is let in, and knows who lets it in") {
  Door door("secret", 3, {"127.0.0.1", 0});
  Fd socket;
  std::string why;
  const auto arrival = arrival_at(
      door,
      [&] {
        socket = call_at(door.where(), "secret", 3, {5, 1}, why);
      },
      5s);
  REQUIRE(arrival);
  CHECK(arrival->caller.node == 5);
  CHECK(arrival->caller.purpose == 1);
  REQUIRE(socket);
  const std::string said = "what follows is left alone";
  std::string heard(said.size(), ' ');
  REQUIRE(send_all(socket.get(), std::as_bytes(std::span(said)), std::chrono::steady_clock::now() + 5s));
  REQUIRE(receive_all(arrival->socket.get(), std::as_writable_bytes(std::span(heard)),
                      std::chrono::steady_clock::now() + 5s));
  CHECK(heard == said);
}

TEST_CASE("who knows another secret, or meant another host, turns away at the door's proof") {
  Door door("secret", 0, {"127.0.0.1", 0});
  const auto [secret, node] = GENERATE(table<std::string, int>({{"another", 0}, {"secret", 1}, {"", 0}}));
  Fd socket;
  std::string why;
  CHECK_FALSE(arrival_at(
      door,
      [&, &known = secret, number = node] {
        socket = call_at(door.where(), known, number, {1, 0}, why);
      },
      1s));
  CHECK_FALSE(socket);
  CHECK(why == "what listens there is not of this run");
}

TEST_CASE("a caller that can't prove itself is not let in") {
  Door door("secret", 0, {"127.0.0.1", 0});
  bool was_closed = false;
  const auto pretend = [&] {  // takes the door's proof for granted
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    const Fd socket = connect_to(door.where(), 1s);
    const std::string first = "amltrain ranks 1" + std::string(32, 'a'), third(sizeof(Caller) + 64, '0');
    std::string second(96, ' '), rest(1, ' ');
    send_all(socket.get(), std::as_bytes(std::span(first)), deadline);
    receive_all(socket.get(), std::as_writable_bytes(std::span(second)), deadline);
    send_all(socket.get(), std::as_bytes(std::span(third)), deadline);
    was_closed = !receive_all(socket.get(), std::as_writable_bytes(std::span(rest)), deadline);
  };
  CHECK_FALSE(arrival_at(door, pretend, 1s));
  CHECK(was_closed);
}

TEST_CASE("strangers at the door keep nobody waiting") {
  Door door("secret", 0, {"127.0.0.1", 0});
  std::vector<Fd> strangers;
  const std::string request = "GET / HTTP/1.1\r\n\r\n", half = "amltrain ranks 1abc";
  for (int i = 0; i < 400; ++i) {  // more than it keeps
    strangers.push_back(connect_to(door.where(), 1s));
    REQUIRE(strangers.back());
    if (i % 3 != 0)
      send_all(strangers.back().get(), std::as_bytes(std::span(i % 3 == 1 ? request : half)),
               std::chrono::steady_clock::now() + 1s);
  }
  const auto begun = std::chrono::steady_clock::now();
  Fd socket;
  std::string why;
  CHECK(arrival_at(
      door,
      [&] {
        socket = call_at(door.where(), "secret", 0, {1, 0}, why);
      },
      5s));
  CHECK(socket);
  CHECK(std::chrono::steady_clock::now() - begun < 2s);
}

TEST_CASE("what listens and says nothing is not waited for longer than some seconds") {
  const Fd silent = listen_at({"127.0.0.1", 0});
  const auto begun = std::chrono::steady_clock::now();
  std::string why;
  CHECK_FALSE(call_at(own_end_of(silent.get()), "secret", 0, {1, 0}, why));
  CHECK(std::chrono::steady_clock::now() - begun < 8s);
  CHECK(why == "what listens there does not answer as a rank");
}
