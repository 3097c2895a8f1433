#include "engine/parallel/proof.hpp"

#include "support/hash.hpp"

namespace amltrain::engine {
namespace {

constexpr std::size_t kBlock = 64;  // of SHA-256, bytes

std::string bytes_of_hex(std::string_view digits) {
  const auto value = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(value(digits[i]) * 16 + value(digits[i + 1]));
  return bytes;
}

std::string masked(std::string key, char mask) {
  for (char& byte : key) byte = static_cast<char>(byte ^ mask);
  return key;
}

}  // namespace

std::string keyed_hash(std::string_view key, std::string_view message) {
  std::string block = key.size() > kBlock ? bytes_of_hex(sha256_of(key)) : std::string(key);
  block.resize(kBlock, '\0');
  const std::string inner = sha256_of(masked(block, 0x36) + std::string(message));
  return sha256_of(masked(block, 0x5c) + bytes_of_hex(inner));
}

bool is_same_text(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  unsigned different = 0;
  for (std::size_t i = 0; i < one.size(); ++i)
    different |= static_cast<unsigned char>(one[i]) ^ static_cast<unsigned char>(other[i]);
  return different == 0;
}

}  // namespace amltrain::engine
