// Bytes that lie in several pieces, as though they were one array: what is sent and received is not copied
// together.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace amltrain::engine {

template <typename Byte>
class Stretch {
 public:
  void add(std::span<Byte> piece) {
    if (piece.empty()) return;
    pieces_.push_back(piece);
    size_ += piece.size();
  }
  std::size_t size() const { return size_; }
  std::size_t done() const { return done_; }
  /// What comes next, to the end of a piece.
  std::span<Byte> next() const { return done_ == size_ ? std::span<Byte>() : pieces_[piece_].subspan(at_); }
  /// So many of those are done.
  void advance(std::size_t count) {
    done_ += count;
    at_ += count;
    if (at_ < pieces_[piece_].size()) return;
    ++piece_;
    at_ = 0;
  }

 private:
  std::vector<std::span<Byte>> pieces_;
  std::size_t size_ = 0, done_ = 0, piece_ = 0, at_ = 0;
};

}  // namespace amltrain::engine
