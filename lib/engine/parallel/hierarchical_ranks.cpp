#include "engine/parallel/hierarchical_ranks.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "engine/parallel/bf16.hpp"
#include "engine/parallel/places.hpp"
#include "engine/parallel/timer.hpp"
#include "engine/parallel/walk.hpp"
#include "support/error.hpp"

namespace amltrain::engine {
namespace {

using std::chrono::milliseconds;

// A connection that ends for another reason than these two was given up.
bool is_closed_by_other(int problem) { return problem == ECONNRESET || problem == EPIPE; }

}  // namespace

HierarchicalRanks::HierarchicalRanks(const RankPlace& place, const std::function<bool()>& stop,
                                     std::chrono::seconds longest)
    : place_(place), stop_(stop), longest_(longest), local_(place_, stop, longest) {
  meet();
}

void HierarchicalRanks::meet() {
  if (local_.is_first()) {
    Meeting meeting{place_.rendezvous, node_of(place_), {}, {place_.address, place_.port}};
    for (int node = 0; node < hosts_of(place_); ++node)
      meeting.names.push_back(name_of(node * on_host(place_)));
    std::vector<Link> links = meet_hosts(meeting, longest_, [this] {
      throw_if_stopped();
      local_.look();
    });
    std::vector<Fd> data, signs;
    for (Link& link : links) {
      data.push_back(std::move(link.data));
      signs.push_back(std::move(link.signs));
    }
    Lookout& lookout = *this;
    mesh_ = std::make_unique<Mesh>(std::move(data), static_cast<std::size_t>(meeting.own), lookout);
    signs_ = std::make_unique<Signs>(std::move(signs), [this] { return local_.signs(); });
  }
  std::byte met{1};
  local_.spread({&met, 1});
}

/// What the leader alone does, with the others waiting for it.
template <typename Exchange>
void HierarchicalRanks::lead(Exchange&& exchange) {
  if (!local_.is_first()) return;
  const double waited = mesh_->waiting();
  exchange(*mesh_);
  local_.add_waiting(mesh_->waiting() - waited);
}

void HierarchicalRanks::sum(std::span<const std::span<float>> pieces) {
  sum_by(pieces, [&](Mesh& mesh) { mesh.sum(pieces); });
}

void HierarchicalRanks::sum_rounded(std::span<const std::span<float>> pieces) {
  sum_by(pieces, [&](Mesh& mesh) {
    std::size_t count = 0;
    for (const std::span<float> piece : pieces) count += piece.size();
    rounded_.resize(std::max(rounded_.size(), count));
    const std::span<std::uint16_t> all = std::span(rounded_).first(count);
    Walk(pieces).next(count, [&](std::span<float> part, std::size_t at) {
      for (std::size_t i = 0; i < part.size(); ++i) all[at + i] = to_bf16(part[i]);
    });
    mesh.sum(std::span(&all, 1));
    Walk(pieces).next(count, [&](std::span<float> part, std::size_t at) {
      for (std::size_t i = 0; i < part.size(); ++i) part[i] = from_bf16(all[at + i]);
    });
  });
}

template <typename Exchange>
void HierarchicalRanks::sum_by(std::span<const std::span<float>> pieces, Exchange&& exchange) {
  const Timer exchanging(exchanging_);
  if (local_.size() > 1) local_.sum(pieces);
  lead(exchange);
  if (local_.size() > 1) local_.spread(pieces);
}

void HierarchicalRanks::gather(std::span<const std::byte> own, std::span<std::byte> all) {
  const Timer exchanging(exchanging_);
  const std::size_t of_host = own.size() * static_cast<std::size_t>(local_.size());
  local_.gather(own, all.subspan(of_host * static_cast<std::size_t>(node_of(place_)), of_host));
  lead([&](Mesh& mesh) { mesh.gather(all); });
  if (local_.size() > 1) local_.spread(all);
}

Ranks::Spent HierarchicalRanks::spent() const {
  return {exchanging_, local_.spent().waiting, mesh_ ? mesh_->bytes_sent() : 0};
}

std::string HierarchicalRanks::name_of(int rank) const {
  return "rank " + std::to_string(rank) + words_of_host(place_, rank / on_host(place_));
}

void HierarchicalRanks::throw_if_stopped() const {
  if (stop_()) throw Error(category::canceled, "the training was stopped while it waited for other hosts");
}

void HierarchicalRanks::look(const std::vector<bool>& missing, Silences& silences) {
  throw_if_stopped();
  local_.look();
  silences.hosts.resize(missing.size());
  silences.ranks.resize(static_cast<std::size_t>(size()));
  const auto now = Silence::Clock::now();
  const auto stuck = [&](int rank, milliseconds silent, const std::string& why) {
    throw Error(category::environment,
                name_of(rank) + " is stuck: no sign of it for " + std::to_string(silent.count() / 1000) +
                    " s; " + why,
                "look at its log");
  };
  for (std::size_t node = 0; node < missing.size(); ++node) {
    if (!missing[node]) continue;
    const int leader = static_cast<int>(node) * local_.size();
    const Signs::OfHost host = signs_->of(node);
    if (host.problem != 0 && !is_closed_by_other(host.problem))
      throw Error(category::environment,
                  name_of(leader) + " can't be reached: " + std::strerror(host.problem),
                  "look at the host and at the network between");
    const milliseconds host_silent = silences.hosts[node].look(host.heard, now);
    if (host_silent >= place_.timeout) stuck(leader, host_silent, "it is stopped, or the host is");
    for (int i = 0; i < local_.size(); ++i) {
      const Sign& sign = host.ranks[static_cast<std::size_t>(i)];
      const milliseconds silent = silences.ranks[static_cast<std::size_t>(leader + i)].look(sign.all(), now);
      if (silent >= patience(sign, place_.timeout))
        stuck(leader + i, silent, "it waits for something, or is stopped");
    }
  }
}

void HierarchicalRanks::miss(std::size_t node) {
  // mpirun ends all when a rank has failed: then this one is asked to, and that one alone is to blame.
  constexpr std::chrono::seconds kToBeAsked{3};
  for (const auto end = Silence::Clock::now() + kToBeAsked; Silence::Clock::now() < end;
       std::this_thread::sleep_for(milliseconds(50))) {
    throw_if_stopped();
    local_.look();
  }
  throw Error(category::environment, name_of(static_cast<int>(node) * local_.size()) + " is gone",
              "look at its log");
}

}  // namespace amltrain::engine
