// Memory that processes of one machine share, found by its name.
#pragma once

#include <cstddef>
#include <string>

namespace amltrain::engine {

class SharedSegment {
 public:
  /// New, of zeros, readable by this user alone. Throws Error{environment} where it can't be made.
  static SharedSegment create(const std::string& name, std::size_t bytes);
  /// The one of that name, or an empty one where it is not there yet, or not `bytes` long yet.
  static SharedSegment find(const std::string& name, std::size_t bytes);

  SharedSegment() = default;
  SharedSegment(SharedSegment&& other) noexcept;
  SharedSegment& operator=(SharedSegment&& other) noexcept;
  ~SharedSegment();

  explicit operator bool() const { return memory_ != nullptr; }
  std::byte* memory() const { return memory_; }
  /// Takes the name away: who has the memory keeps it, nobody else finds it, and nothing is left when all are
  /// gone.
  void forget_name();

 private:
  SharedSegment(std::string name, int file, std::size_t bytes);

  std::string name_;  // empty: not this one's to take away
  std::byte* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace amltrain::engine
