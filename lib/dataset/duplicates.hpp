// Pictures that are there more than once: the same bytes, or the same look.
#pragma once

#include <string>
#include <vector>

#include "image/phash.hpp"
#include "support/json.hpp"

namespace amltrain {

/// Beyond this RMS difference of the mean colours, two pictures of near hashes are different ones.
inline constexpr double kColourTolerance = 16;

/// What is known of a file that could be read.
struct Picture {
  std::string path;  // relative to the data folder
  int label = 0;
  bool in_val = false;
  std::string sha256;
  Look look;
};

/// A file of a group, and the one in the group that it is most like.
struct Copy {
  std::string path;
  std::string like;
  std::string match;  // "exact": same bytes; "near": same look; "mirrored": that of the flipped picture
  int distance = 0;   // of the hashes; bits, 0 when exact
};

/// Files that are copies of each other, some perhaps through a third.
struct CopyGroup {
  bool exact = true;            // all have the same bytes
  bool leak = false;            // some are in train, some in val
  bool label_conflict = false;  // they are in different classes
  std::vector<Copy> files;      // two or more, in the order of the pictures
};
void to_json(json& out, const CopyGroup& group);

/// The groups of `pictures`, in the order of their first file. Two are of one group when they have the same
/// bytes, or hashes within `near_distance` bits, upright or mirrored, and like colours. Time grows with the
/// number of near hashes, not with the square of the pictures; memory with the number of pictures.
std::vector<CopyGroup> find_copies(const std::vector<Picture>& pictures, int near_distance);

}  // namespace amltrain
