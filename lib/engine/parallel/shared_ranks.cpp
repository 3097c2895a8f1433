#include "engine/parallel/shared_ranks.hpp"

#include <immintrin.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "engine/parallel/places.hpp"
#include "engine/parallel/timer.hpp"
#include "engine/parallel/walk.hpp"
#include "support/error.hpp"
#include "support/run_memory.hpp"
#include "support/text.hpp"

namespace amltrain::engine {
namespace {

using std::chrono::milliseconds;

/// Of each rank's area, and what is summed at a time: small enough for a core's cache, where it is read again
/// at once.
constexpr std::size_t kFloats = std::size_t{1} << 17;
constexpr std::size_t kAreaBytes = kFloats * sizeof(float);
constexpr std::size_t kHeadBytes = 64 * (SharedRanks::kMost + 1);
constexpr milliseconds kLook{100};

static_assert(std::atomic<std::uint32_t>::is_always_lock_free &&
                  std::atomic<std::uint64_t>::is_always_lock_free,
              "atomics of memory that processes share have no lock");

// std::atomic::wait is for threads of one process.
void wait_while(std::atomic<std::uint32_t>& word, std::uint32_t value, milliseconds longest) {
  const timespec time{0, std::chrono::nanoseconds(longest).count()};
  syscall(SYS_futex, &word, FUTEX_WAIT, value, &time, nullptr, 0);
}
void wake_all(std::atomic<std::uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE, SharedRanks::kMost, nullptr, nullptr, 0);
}

/// The letter of /proc/PID/stat, see proc(5).
std::string words_of_state(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const auto end = text.rfind(") ");
  const char state = end == std::string::npos || end + 2 >= text.size() ? ' ' : text[end + 2];
  if (state == 'T' || state == 't') return "it is stopped, by a signal or a debugger";
  if (state == 'D') return "it waits for a disk or a network that does not answer";
  return "it may be waiting for something, or compute without an end";
}

}  // namespace

// Each rank's numbers have a cache line of their own.
struct SharedRanks::Shared {
  struct alignas(64) OfRank {
    std::atomic<std::uint32_t> meetings;  // it came to
    std::atomic<std::int32_t> pid;
    std::atomic<std::uint64_t> beats, looks;
    std::atomic<std::uint32_t> longest_ms;  // of its pauses, but for the first
    std::atomic<std::uint32_t> long_work;   // it said so
  };
  alignas(64) std::atomic<std::uint32_t> ready;  // the memory is as it is meant
  std::atomic<std::uint32_t> here;               // ranks that came to the meeting under way
  std::atomic<std::uint32_t> meetings;           // that are over; those who wait sleep on it
  OfRank of_rank[kMost];
};

std::string segment_name(const RankPlace& place) {
  const char* const mark = std::getenv(kRunMark);
  return run_memory_name(mark != nullptr ? mark : "", place.rendezvous, node_of(place));
}

SharedRanks::SharedRanks(const RankPlace& place, const std::function<bool()>& stop,
                         std::chrono::seconds longest)
    : stop_(stop),
      rank_(place.rank % on_host(place)),
      size_(on_host(place)),
      first_(place.rank - rank_),
      host_(words_of_host(place, node_of(place))),
      timeout_(place.timeout),
      longest_(longest),
      life_(LifeSign::of_this_process()) {
  static_assert(sizeof(Shared) <= kHeadBytes);
  join(place);
}

SharedRanks::~SharedRanks() {
  if (life_) life_->show(milliseconds{0});
}

void SharedRanks::join(const RankPlace& place) {
  const std::string name = segment_name(place);
  const std::size_t bytes = kHeadBytes + kAreaBytes * static_cast<std::size_t>(size_ + 1);
  const auto begun = std::chrono::steady_clock::now();
  if (is_first()) {
    segment_ = SharedSegment::create(name, bytes);
    shared().ready.store(1, std::memory_order_release);
  }
  while (!segment_ || shared().ready.load(std::memory_order_acquire) == 0) {
    if (!segment_) segment_ = SharedSegment::find(name, bytes);
    if (stop_()) throw Error(category::canceled, "the training was stopped before its ranks met");
    if (std::chrono::steady_clock::now() - begun > longest_) throw_absent(0);
    if (!segment_) std::this_thread::sleep_for(milliseconds(5));
  }
  shared().of_rank[rank_].pid.store(getpid());
  meet();
  segment_.forget_name();
}

SharedRanks::Shared& SharedRanks::shared() const { return *reinterpret_cast<Shared*>(segment_.memory()); }
std::byte* SharedRanks::area_of(int rank) const {
  return segment_.memory() + kHeadBytes + kAreaBytes * static_cast<std::size_t>(rank);
}
float* SharedRanks::sums() const { return reinterpret_cast<float*>(area_of(size_)); }

void SharedRanks::add_waiting(double seconds) {
  spent_.waiting += seconds;
  if (std::this_thread::get_id() == beating_) excused_ += seconds;
}

void SharedRanks::meet() {
  double seconds = 0;
  {
    const Timer waiting(seconds);
    wait_for_all();
  }
  add_waiting(seconds);
}

void SharedRanks::wait_for_all() {
  Shared& all = shared();
  const std::uint32_t meeting = all.meetings.load(std::memory_order_acquire);
  all.of_rank[rank_].meetings.store(meeting + 1, std::memory_order_relaxed);
  if (all.here.fetch_add(1, std::memory_order_acq_rel) + 1 == static_cast<std::uint32_t>(size_)) {
    all.here.store(0, std::memory_order_relaxed);
    all.meetings.store(meeting + 1, std::memory_order_release);
    wake_all(all.meetings);
    return;
  }
  constexpr int kSpins = 2000;  // tens of microseconds: longer than to copy a part, shorter than a nap costs
  for (int i = 0; i < kSpins; ++i) {
    if (all.meetings.load(std::memory_order_acquire) != meeting) return;
    _mm_pause();
  }
  std::vector<Silence> silences(static_cast<std::size_t>(size_));
  while (all.meetings.load(std::memory_order_acquire) == meeting) {
    look();
    look_for_missing(meeting, silences);
    wait_while(all.meetings, meeting, kLook);
  }
}

void SharedRanks::look_for_missing(std::uint32_t meeting, std::span<Silence> silences) const {
  if (stop_())
    throw Error(category::canceled, "the training was stopped while it waited for the other ranks");
  for (int other = 0; other < size_; ++other) {
    const Shared::OfRank& one = shared().of_rank[other];
    if (one.meetings.load(std::memory_order_relaxed) == meeting + 1) continue;  // it waits as well
    const int pid = one.pid.load();
    const Sign sign = sign_of(other);
    const auto silent = silences[static_cast<std::size_t>(other)].look(sign.all(), Silence::Clock::now());
    const bool gone = pid != 0 && kill(pid, 0) != 0 && errno == ESRCH;
    if (!gone && silent < (pid == 0 ? longest_ : patience(sign, timeout_))) continue;
    // It may have come, and left, since it was looked at.
    if (shared().meetings.load(std::memory_order_acquire) != meeting) return;
    if (pid == 0) throw_absent(other);
    // Of the environment's kind: the training can go on from its last checkpoint.
    if (gone)
      throw Error(category::environment, name_of(other) + " (process " + std::to_string(pid) + ") is gone",
                  "look at its log");
    throw Error(category::environment,
                name_of(other) + " is stuck: no sign of it for " + std::to_string(silent.count() / 1000) +
                    " s; " + words_of_state(pid),
                "look at its log");
  }
}

void SharedRanks::throw_absent(int rank) const {
  throw Error(category::environment, name_of(rank) + " did not come within " + human_duration(longest_),
              "look at its log");
}

std::string SharedRanks::name_of(int rank) const { return "rank " + std::to_string(first_ + rank) + host_; }

void SharedRanks::beat() {
  end_pause();
  shared().of_rank[rank_].beats.fetch_add(1);  // after what it says of the pause
  show_life();
}

void SharedRanks::end_pause() {
  Shared::OfRank& own = shared().of_rank[rank_];
  // Not the time in which it waited for others.
  const std::chrono::duration<double> since = std::chrono::steady_clock::now() - pause_began_;
  const double pause = std::max(since.count() - excused_, 0.0);
  if (own.beats.load() >= kFirstBeats)
    own.longest_ms.store(std::max(own.longest_ms.load(), static_cast<std::uint32_t>(1000 * pause)));
  begin_pause();
}

void SharedRanks::begin_pause() {
  pause_began_ = std::chrono::steady_clock::now();
  excused_ = 0;
}

void SharedRanks::look() {
  shared().of_rank[rank_].looks.fetch_add(1);
  show_life();
}

/// Of first steps nobody knows how long they take when all ranks are at them.
void SharedRanks::show_life() const {
  if (!life_) return;
  const Sign sign = sign_of(rank_);
  life_->show(sign.beats <= kFirstBeats ? milliseconds{0} : patience(sign, timeout_));
}

Sign SharedRanks::sign_of(int rank) const {
  const Shared::OfRank& one = shared().of_rank[rank];
  const std::uint32_t long_work = one.long_work.load();  // its end is a sign: nobody is to see it without
  const std::uint64_t beats = one.beats.load();          // before what it says of the pauses
  return {beats, one.looks.load(), one.longest_ms.load(), long_work};
}

std::vector<Sign> SharedRanks::signs() const {
  std::vector<Sign> all;
  for (int rank = 0; rank < size_; ++rank) all.push_back(sign_of(rank));
  return all;
}

// What long work takes is no pause, and says nothing of later ones.
void SharedRanks::set_long_work(bool is_so) {
  is_so ? end_pause() : begin_pause();
  look();  // who waited all that time begins to count anew
  shared().of_rank[rank_].long_work.store(is_so ? 1 : 0);
  show_life();
}

void SharedRanks::part() {
  set_long_work(true);  // for one that has still to hear of the last exchange
  if (life_) life_->show(milliseconds{0});
}

void SharedRanks::gather(std::span<const std::byte> own, std::span<std::byte> all) {
  const Timer exchanging(spent_.exchanging);
  for (std::size_t done = 0; done < own.size();) {
    const std::size_t part = std::min(kAreaBytes, own.size() - done);
    std::memcpy(area_of(rank_), own.data() + done, part);
    meet();
    for (int other = 0; other < size_; ++other)
      std::memcpy(all.data() + own.size() * static_cast<std::size_t>(other) + done, area_of(other), part);
    meet();
    done += part;
  }
}

void SharedRanks::spread(std::span<std::byte> bytes) {
  const Timer exchanging(spent_.exchanging);
  for (std::size_t done = 0; done < bytes.size();) {
    const std::size_t part = std::min(kAreaBytes, bytes.size() - done);
    if (is_first()) std::memcpy(area_of(0), bytes.data() + done, part);
    meet();
    if (!is_first()) std::memcpy(bytes.data() + done, area_of(0), part);
    meet();
    done += part;
  }
}

void SharedRanks::spread(std::span<const std::span<float>> pieces) {
  const Timer exchanging(spent_.exchanging);
  float* const area = reinterpret_cast<float*>(area_of(0));
  std::size_t left = 0;
  for (const std::span<float> piece : pieces) left += piece.size();
  for (Walk walk(pieces); left > 0; left -= std::min(left, kFloats)) {
    if (is_first())
      walk.next(kFloats, [&](std::span<float> values, std::size_t at) {
        std::memcpy(area + at, values.data(), values.size_bytes());
      });
    meet();
    if (!is_first())
      walk.next(kFloats, [&](std::span<float> values, std::size_t at) {
        std::memcpy(values.data(), area + at, values.size_bytes());
      });
    meet();
  }
}

// Part by part: all put theirs into their areas, each rank sums a share of the part, all take the whole. What
// a rank may write next, its area or its share of the sums, nobody reads any more: there is a meeting
// between.
void SharedRanks::sum(std::span<const std::span<float>> pieces) {
  const Timer exchanging(spent_.exchanging);
  Walk in(pieces), out(pieces);
  float* const own = reinterpret_cast<float*>(area_of(rank_));
  while (const std::size_t count = in.next(kFloats, [&](std::span<float> values, std::size_t at) {
    std::memcpy(own + at, values.data(), values.size_bytes());
  })) {
    meet();
    const auto share_begin = [&](int rank) {
      return count * static_cast<std::size_t>(rank) / static_cast<std::size_t>(size_);
    };
    const std::size_t begin = share_begin(rank_), end = share_begin(rank_ + 1);
    float* const total = sums();
    std::memcpy(total + begin, reinterpret_cast<float*>(area_of(0)) + begin, (end - begin) * sizeof(float));
    for (int other = 1; other < size_; ++other) {
      const float* const theirs = reinterpret_cast<float*>(area_of(other));
      for (std::size_t i = begin; i < end; ++i) total[i] += theirs[i];
    }
    meet();
    out.next(kFloats, [&](std::span<float> values, std::size_t at) {
      std::memcpy(values.data(), total + at, values.size_bytes());
    });
  }
}

}  // namespace amltrain::engine
