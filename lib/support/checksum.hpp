// A checksum at the speed of memory: it tells damage apart, not forgery.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace amltrain {

/// Poly1305 (RFC 8439) with the fixed key of the bytes 0 to 31: a polynomial over a field of 2^130 - 5
/// elements at one point. Chance makes two different gigabytes equal once in some 2^80 times; who wants to
/// can make them so. On this kind of machine it takes a seventh of the time of SHA-256.
class Checksum {
 public:
  Checksum();
  ~Checksum();
  void update(std::span<const std::byte> bytes);
  std::string finish();  // 32 hex digits; call once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string checksum_of(std::span<const std::byte> bytes);
std::string checksum_of_file(const std::filesystem::path& path);

}  // namespace amltrain
