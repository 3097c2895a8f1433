// SHA-256, as lower-case hexadecimal.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace amltrain {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);
  std::string finish();  // 64 hex digits; call once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_of(std::string_view text);
std::string sha256_of_file(const std::filesystem::path& path);

std::string to_hex(std::span<const unsigned char> bytes);

/// `bytes` random bytes from the kernel as 2 * bytes hex digits.
std::string random_hex(int bytes);

}  // namespace amltrain
