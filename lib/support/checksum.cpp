#include "support/checksum.hpp"

#include <openssl/evp.h>

#include <array>
#include <numeric>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"

namespace amltrain {
namespace {

void require(bool done) {
  if (!done) throw Error(category::internal, "OpenSSL cannot compute Poly1305");
}

}  // namespace

struct Checksum::State {
  std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> algorithm{EVP_MAC_fetch(nullptr, "POLY1305", nullptr),
                                                              &EVP_MAC_free};
  std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context{EVP_MAC_CTX_new(algorithm.get()),
                                                                    &EVP_MAC_CTX_free};
};

Checksum::Checksum() : state_(std::make_unique<State>()) {
  std::array<unsigned char, 32> key{};
  std::iota(key.begin(), key.end(), static_cast<unsigned char>(0));
  require(EVP_MAC_init(state_->context.get(), key.data(), key.size(), nullptr) == 1);
}

Checksum::~Checksum() = default;

void Checksum::update(std::span<const std::byte> bytes) {
  require(EVP_MAC_update(state_->context.get(), reinterpret_cast<const unsigned char*>(bytes.data()),
                         bytes.size()) == 1);
}

std::string Checksum::finish() {
  std::array<unsigned char, 16> tag{};
  std::size_t size = 0;
  require(EVP_MAC_final(state_->context.get(), tag.data(), &size, tag.size()) == 1 && size == tag.size());
  return to_hex(tag);
}

std::string checksum_of(std::span<const std::byte> bytes) {
  Checksum sum;
  sum.update(bytes);
  return sum.finish();
}

std::string checksum_of_file(const std::filesystem::path& path) {
  Checksum sum;
  read_pieces(path, [&](std::span<const std::byte> piece) { sum.update(piece); });
  return sum.finish();
}

}  // namespace amltrain
