#include "dataset/duplicates.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "image/hash_index.hpp"

namespace amltrain {
namespace {

/// How one picture is tied to the one that it is most like.
struct Tie {
  std::size_t to;
  int distance;
  enum class Kind { exact, near, mirrored } kind;
  bool operator<(const Tie& other) const {
    return std::tie(distance, kind, to) < std::tie(other.distance, other.kind, other.to);
  }
};

const char* name_of(Tie::Kind kind) {
  return kind == Tie::Kind::exact ? "exact" : kind == Tie::Kind::near ? "near" : "mirrored";
}

class Copies {
 public:
  explicit Copies(const std::vector<Picture>& pictures)
      : pictures_(pictures), parents_(pictures.size()), closest_(pictures.size()) {
    std::iota(parents_.begin(), parents_.end(), std::size_t{0});
  }

  /// Ties each to the first of the same bytes, and returns those first ones.
  std::vector<std::size_t> join_exact() {
    std::unordered_map<std::string, std::size_t> first_of;
    std::vector<std::size_t> firsts;
    for (std::size_t i = 0; i < pictures_.size(); ++i) {
      const auto [entry, is_first] = first_of.emplace(pictures_[i].sha256, i);
      if (is_first)
        firsts.push_back(i);
      else
        join(entry->second, i, 0, Tie::Kind::exact);
    }
    return firsts;
  }

  void join_near(const std::vector<std::size_t>& among, int distance) {
    std::vector<std::uint64_t> hashes;
    for (const std::size_t i : among) hashes.push_back(pictures_[i].look.upright);
    const HashIndex index(hashes, distance);
    std::vector<HashIndex::Match> found;
    for (const std::size_t i : among) {
      for (const Tie::Kind kind : {Tie::Kind::near, Tie::Kind::mirrored}) {
        const Look& look = pictures_[i].look;
        index.find(kind == Tie::Kind::near ? look.upright : look.mirrored, found);
        for (const HashIndex::Match& match : found) {
          const std::size_t other = among[match.index];
          const bool apart =
              colour_distance(look, pictures_[other].look, kind == Tie::Kind::mirrored) > kColourTolerance;
          if (other != i && !apart) join(i, other, match.distance, kind);
        }
      }
    }
  }

  std::vector<CopyGroup> groups() {
    std::map<std::size_t, std::vector<std::size_t>> members;  // by first member
    for (std::size_t i = 0; i < pictures_.size(); ++i) members[root(i)].push_back(i);
    std::vector<CopyGroup> found;
    for (const auto& [first, files] : members)
      if (files.size() > 1) found.push_back(describe(files));
    return found;
  }

 private:
  std::size_t root(std::size_t i) {
    for (; parents_[i] != i; i = parents_[i]) parents_[i] = parents_[parents_[i]];
    return i;
  }

  void join(std::size_t a, std::size_t b, int distance, Tie::Kind kind) {
    const std::size_t root_a = root(a), root_b = root(b);
    parents_[std::max(root_a, root_b)] = std::min(root_a, root_b);
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
      const Tie tie{to, distance, kind};
      if (!closest_[from] || tie < *closest_[from]) closest_[from] = tie;
    }
  }

  CopyGroup describe(const std::vector<std::size_t>& files) const {
    CopyGroup group;
    const Picture& first = pictures_[files.front()];
    for (const std::size_t i : files) {
      const Picture& picture = pictures_[i];
      group.exact = group.exact && picture.sha256 == first.sha256;
      group.leak = group.leak || picture.in_val != first.in_val;
      group.label_conflict = group.label_conflict || picture.label != first.label;
      const Tie& tie = *closest_[i];
      group.files.push_back({picture.path, pictures_[tie.to].path, name_of(tie.kind), tie.distance});
    }
    return group;
  }

  const std::vector<Picture>& pictures_;
  std::vector<std::size_t> parents_;         // union-find; a root is the first of its group
  std::vector<std::optional<Tie>> closest_;  // of each picture that is tied
};

}  // namespace

void to_json(json& out, const CopyGroup& group) {
  out = {{"exact", group.exact},
         {"leak", group.leak},
         {"label_conflict", group.label_conflict},
         {"files", json::array()}};
  for (const Copy& file : group.files)
    out["files"].push_back(
        {{"path", file.path}, {"like", file.like}, {"match", file.match}, {"distance", file.distance}});
}

std::vector<CopyGroup> find_copies(const std::vector<Picture>& pictures, int near_distance) {
  Copies copies(pictures);
  copies.join_near(copies.join_exact(), near_distance);
  return copies.groups();
}

}  // namespace amltrain
