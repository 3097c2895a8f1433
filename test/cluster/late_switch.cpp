// A switch of a lab whose cables are long: what comes in at one of its ports goes out after a set time.
//   late_switch MICROSECONDS DEVICE...
// The devices are taken as they are: no bridge may have them. Says "ready" when it forwards, and does so
// until it is killed. Stands in for tc's netem, a kernel module that small kernels lack; speeds stay with
// tc's token bucket.
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <deque>
#include <exception>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;

/// The kernel's note on a frame: virtio_net_hdr of linux/virtio_net.h, which is no C++.
constexpr std::size_t kNoteBytes = 10;
constexpr std::size_t kHeadBytes = kNoteBytes + sizeof(ether_header);

/// What the kernel hands over as one: up to 64 KiB of segments that a card would cut.
constexpr std::size_t kMostBytes = kHeadBytes + 65'536;

class Frame {
 public:
  using Address = std::array<char, ETH_ALEN>;
  explicit Frame(std::span<const char> bytes) : bytes_(bytes.begin(), bytes.end()) {}
  std::span<const char> bytes() const { return bytes_; }
  Address target() const { return address_at(kNoteBytes); }
  Address source() const { return address_at(kNoteBytes + ETH_ALEN); }

 private:
  Address address_at(std::size_t place) const {
    Address address;
    std::copy_n(bytes_.data() + place, address.size(), address.data());
    return address;
  }
  std::vector<char> bytes_;
};

constexpr int kRoom = 16 << 20;  // bytes of a socket, which counts a frame at more than it holds

class Port {
 public:
  explicit Port(const std::string& device)
      : socket_(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_ll place{};
    place.sll_family = AF_PACKET;
    place.sll_protocol = htons(ETH_P_ALL);
    place.sll_ifindex = static_cast<int>(if_nametoindex(device.c_str()));
    const int yes = 1;
    const auto set = [this](int level, int name, int value) {
      return setsockopt(socket_.get(), level, name, &value, sizeof value) == 0;
    };
    const bool ok = socket_ && place.sll_ifindex != 0 && set(SOL_PACKET, PACKET_VNET_HDR, yes) &&
                    set(SOL_PACKET, PACKET_IGNORE_OUTGOING, yes) && set(SOL_SOCKET, SO_RCVBUFFORCE, kRoom) &&
                    set(SOL_SOCKET, SO_SNDBUFFORCE, kRoom) &&
                    bind(socket_.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0;
    if (!ok) throw_errno("cannot take device " + device);
  }

  int fd() const { return socket_.get(); }

  /// Absent: nothing waits.
  std::optional<Frame> receive(std::span<char> room) const {
    const ssize_t count = recv(fd(), room.data(), room.size(), 0);
    if (count < 0 && errno != EAGAIN && errno != ENETDOWN)
      throw_errno("cannot receive");  // a cut cable may be mended
    if (count < static_cast<ssize_t>(kHeadBytes)) return std::nullopt;
    return Frame(room.first(static_cast<std::size_t>(count)));
  }

  /// A frame for which there is no room is lost, as on any switch.
  void send(const Frame& frame) const { ::send(fd(), frame.bytes().data(), frame.bytes().size(), 0); }

 private:
  Fd socket_;
};

struct Held {
  Clock::time_point due;
  std::size_t from;
  Frame frame;
};

class Switch {
 public:
  Switch(Clock::duration delay, const std::vector<std::string>& devices) : delay_(delay) {
    for (const std::string& device : devices) ports_.emplace_back(device);
  }

  [[noreturn]] void run() {
    std::vector<pollfd> waits;
    for (const Port& port : ports_) waits.push_back({port.fd(), POLLIN, 0});
    for (;;) {
      await(waits);
      for (std::size_t port = 0; port < ports_.size(); ++port)
        if (waits[port].revents != 0) take_in(port);
      let_out();
    }
  }

 private:
  static constexpr int kAtOnce = 64;  // frames of a port, that others and those that are due have their turn

  void await(std::vector<pollfd>& waits) const {
    timespec left{};
    if (!held_.empty()) {
      const auto time = std::max(Clock::duration{0}, held_.front().due - Clock::now());
      left.tv_nsec = std::chrono::nanoseconds(time).count();  // less than a second, see main()
    }
    if (ppoll(waits.data(), waits.size(), held_.empty() ? nullptr : &left, nullptr) < 0 && errno != EINTR)
      throw_errno("cannot wait");
  }

  void take_in(std::size_t port) {
    for (int count = 0; count < kAtOnce; ++count) {
      std::optional<Frame> frame = ports_[port].receive(room_);
      if (!frame) return;
      port_of_[frame->source()] = port;
      held_.push_back({Clock::now() + delay_, port, std::move(*frame)});
    }
  }

  void let_out() {
    for (; !held_.empty() && held_.front().due <= Clock::now(); held_.pop_front()) {
      const auto to = port_of_.find(held_.front().frame.target());
      for (std::size_t port = 0; port < ports_.size(); ++port)
        if (to == port_of_.end() ? port != held_.front().from : port == to->second)
          ports_[port].send(held_.front().frame);
    }
  }

  Clock::duration delay_;
  std::vector<Port> ports_;
  std::deque<Held> held_;  // all wait for equally long: the first in is the first out
  std::vector<char> room_ = std::vector<char>(kMostBytes);
  std::map<Frame::Address, std::size_t> port_of_;
};

}  // namespace
}  // namespace amltrain

int main(int count, char** words) try {
  const int delay = count > 2 ? std::stoi(words[1]) : -1;
  if (delay < 0 || delay >= 1'000'000) {
    std::fprintf(stderr, "late_switch MICROSECONDS DEVICE..., with less than a second\n");
    return 2;
  }
  prctl(PR_SET_TIMERSLACK, 1UL);  // ns; 50,000 by default, half of a good link's latency
  amltrain::Switch frames(std::chrono::microseconds(delay), {words + 2, words + count});
  std::puts("ready");
  std::fflush(stdout);
  frames.run();
} catch (const std::exception& problem) {
  std::fprintf(stderr, "late_switch: %s\n", problem.what());
  return 1;
}
